import type { ReplyHealth } from './reply-health.js';
import type { RecentReply } from './circuit.js';

/** The last few answers of a server or a domain. Old ones are written over: it never grows. */
export type RecentReplies = {
  /** @param at milliseconds since 1970 */
  add(domain: string, answer: ReplyHealth, at: number): void;
  /** Those not older than an hour, in no order. */
  list(at: number): RecentReply[];
};

/** Twice as many as tell something: when all goes well and then breaks, half of them are bad after 20. */
const MAX_REPLIES = 40;
export const HOUR_MS = 3_600_000;

export function createRecentReplies(): RecentReplies {
  const domains: string[] = [];
  const answers: ReplyHealth[] = [];
  const times: number[] = [];
  let next = 0;
  return {
    add: (domain, answer, at) => {
      domains[next] = domain;
      answers[next] = answer;
      times[next] = at;
      next = (next + 1) % MAX_REPLIES;
    },
    list: (at) =>
      answers.flatMap((health, which) =>
        (times[which] ?? 0) > at - HOUR_MS ? [{ domain: domains[which] ?? '', health }] : [],
      ),
  };
}
