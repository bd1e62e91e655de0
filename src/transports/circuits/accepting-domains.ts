import { MINUTE_MS } from '../../platform/durations.js';

/** Mail that was accepted longer ago says nothing about now. */
const RECENT_ACCEPTANCE_MS = 10 * MINUTE_MS;

/** Times are in milliseconds since 1970. */
export type AcceptingDomains = {
  recordAcceptance(domain: string, at: number): void;
  /** Has another domain than this one accepted mail recently? */
  acceptedRecently(except: string, at: number): boolean;
};

/** Remembers the two domains that accepted mail last: whichever one is excepted, the other remains. */
export function trackAcceptingDomains(): AcceptingDomains {
  let last = { domain: '', at: -Infinity };
  let before = last;
  return {
    recordAcceptance: (domain, at) => {
      if (domain === last.domain) last.at = at;
      else [before, last] = [last, { domain, at }];
    },
    acceptedRecently: (except, at) => (last.domain === except ? before : last).at > at - RECENT_ACCEPTANCE_MS,
  };
}
