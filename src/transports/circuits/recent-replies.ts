import { HOUR_MS } from '../../platform/durations.js';
import type { RecentReply } from './failure-thresholds.js';

/** The last replies of a server or a domain: a ring buffer, so it never grows. */
export type RecentReplies = {
  /** @param at milliseconds since 1970 */
  add(reply: RecentReply, at: number): void;
  /** Those of the last hour, in no order. */
  list(at: number): RecentReply[];
};

/** Twice MIN_REPLIES: when all goes well and then breaks, half of them are failures after 20. */
const MAX_REPLIES = 40;

export function createRecentReplies(): RecentReplies {
  const replies: RecentReply[] = [];
  const times: number[] = [];
  let next = 0;
  return {
    add: (reply, at) => {
      replies[next] = reply;
      times[next] = at;
      next = (next + 1) % MAX_REPLIES;
    },
    list: (at) => replies.filter((_, index) => (times[index] ?? 0) > at - HOUR_MS),
  };
}
