import type { SubscriptionStatus } from '../subscribers/subscription.js';
import { describeLogDoubt, type LogDoubt } from './log-doubt.js';

/** Why a delivery or notice was given up without being sent; the database has the same list as a check. */
export const skipReasons = [
  // The state of the reader's subscription.
  'pending',
  'paused',
  'unsubscribed',
  'erased',
  'suppressed',
  /** What was planned for one address goes to no other. */
  'address-changed',
  /** The publication. */
  'archived',
  /** Its digest or notice was too old. */
  'expired',
  /** An operator cancelled the digest. */
  'cancelled',
  /** The database was restored from an older copy, and it may have been sent since. */
  'restored',
  'not-composed',
  /** A mail server refused us, not the reader, for as long as the mail was of use; its words are the answer. */
  'sender-fault',
  // Of notices only.
  'confirmed-meanwhile',
  /** What it tells of is no longer so. */
  'over',
  /** The operator it was for has no account any more. */
  'removed',
] as const;

export type SkipReason = (typeof skipReasons)[number];

/** Why nothing is mailed to a reader in this state. Who was brought and not started is as who has not confirmed. */
export function statusReason(status: Exclude<SubscriptionStatus, 'confirmed'>): SkipReason {
  return status === 'added' ? 'pending' : status;
}

/** Skips that an operator's retry undoes: the reader did not cause them, and is looked at again before anything is sent. */
export const retryableSkipReasons: readonly SkipReason[] = [
  'expired',
  'cancelled',
  'restored',
  'not-composed',
  'sender-fault',
];

/** Where the words that the API and a reader's copy of her data have differ from the code. */
const texts: Partial<Record<SkipReason, string>> = {
  'address-changed': 'address changed',
  'not-composed': 'could not be composed',
  'confirmed-meanwhile': 'confirmed meanwhile',
};

/**
 * What became of a mail in one line, as the API's field `answer` has it: why it was skipped or is still uncertain, and the
 * server's last words.
 */
export function describeAnswer({
  skipReason,
  answer,
  logDoubt = null,
}: {
  skipReason: SkipReason | null;
  answer: string | null;
  logDoubt?: LogDoubt | null;
}): string | null {
  if (logDoubt !== null) return [answer, describeLogDoubt(logDoubt)].filter(Boolean).join(' ');
  // The server's words say it all.
  if (skipReason === null || skipReason === 'sender-fault') return answer;
  const reason = texts[skipReason] ?? skipReason;
  return answer === null ? reason : `${reason}: ${answer}`;
}

/** The code of the words that stood in `answer` before there were codes; anything else was a server's. */
export function skipReasonOf(words: string | null): SkipReason {
  return skipReasons.find((reason) => (texts[reason] ?? reason) === words) ?? 'sender-fault';
}
