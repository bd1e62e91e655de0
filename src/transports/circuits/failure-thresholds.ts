import { WHOLE_SERVER } from './circuit.js';
import { isFailure, type ReplyHealth } from './reply-health.js';

/** A reply to one message to a reader at `domain`. `isServerWide`: the server said it before it knew the recipient. */
export type RecentReply = { domain: string; health: ReplyHealth; isServerWide: boolean };

/** Fewer replies than this show nothing. */
const MIN_REPLIES = 20;

/** Are so many of these replies failures that it is no accident? */
export function failureKind(replies: readonly ReplyHealth[]): 'refused' | 'throttled' | undefined {
  return replies.length < MIN_REPLIES ? undefined : majorityFailureKind(replies);
}

/**
 * Half refused is a refusal. Throttling takes three quarters: a server at its limit takes some and defers the others, and
 * those get through one by one.
 */
function majorityFailureKind(replies: readonly ReplyHealth[]): 'refused' | 'throttled' | undefined {
  const refused = count(replies, 'refused');
  if (refused * 2 >= replies.length) return 'refused';
  return (refused + count(replies, 'throttled')) * 4 >= replies.length * 3 ? 'throttled' : undefined;
}

/** Fewer replies of other domains than this do not show how the server treats other domains. */
const MIN_OTHER_REPLIES = 3;

/**
 * Is it the server, and not one domain behind it? One large provider that blocks us easily gives most of the replies, so
 * the domain with the most failures is left out and the others are judged by themselves. Where there are hardly any others
 * it is the server only if another domain, or the server itself before it knew the recipient, says the same, and no other
 * domain accepted mail a short while ago.
 */
export function serverFailureKind(
  replies: readonly RecentReply[],
  acceptedRecently: (exceptDomain: string) => boolean,
): 'refused' | 'throttled' | undefined {
  const overall = failureKind(replies.map(({ health }) => health));
  if (overall === undefined) return undefined;
  const worst = worstDomain(replies);
  const others = replies.filter(({ domain }) => domain !== worst);
  if (others.length >= MIN_OTHER_REPLIES) return majorityFailureKind(others.map(({ health }) => health));
  const isSaidElsewhere =
    others.some(({ health }) => isFailure(health)) ||
    failureKind(replies.filter((reply) => reply.isServerWide).map(({ health }) => health)) !== undefined;
  return isSaidElsewhere && !acceptedRecently(worst) ? overall : undefined;
}

function worstDomain(replies: readonly RecentReply[]): string {
  const failures = new Map<string, number>();
  for (const { domain, health } of replies) {
    if (isFailure(health)) failures.set(domain, (failures.get(domain) ?? 0) + 1);
  }
  const [worst] = [...failures].sort(([, one], [, other]) => other - one);
  return worst?.[0] ?? WHOLE_SERVER;
}

/**
 * More than 5 % unknown readers of at least 100 at one domain within an hour: either the domain has a fault (its directory
 * is lost, a filter lies), or the list is wrong. In both cases no single bounce is to be believed.
 */
export function isBounceStorm(hour: { replyCount: number; rejectedCount: number }): boolean {
  return hour.replyCount >= 100 && hour.rejectedCount * 20 > hour.replyCount;
}

function count(replies: readonly ReplyHealth[], wanted: ReplyHealth): number {
  let sum = 0;
  for (const health of replies) if (health === wanted) sum += 1;
  return sum;
}
