import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import {
  deleteSessionBounces,
  insertReportedBounces,
  insertSoftBounces,
  insertUnconfirmedBounces,
  markSoftBouncesGivenUp,
  type ReportedBounce,
} from './soft-bounce-writes.js';

/**
 * How attempts of one digest ended for readers, by subscription; those of no concern to a mailbox are left out. `givenUp` counts
 * only for who was deferred before.
 */
export type MailboxReplies = {
  accepted: string[];
  deferred: string[];
  givenUp: string[];
  unconfirmed: string[];
};

/** A digest that did not reach a reader's mailbox. `isHard`: her address is said to be bad, and one digest more has to say so. */
export type FailedDigest = { sentAt: Date; givenUpAt: Date; isHard: boolean };

/**
 * A mailbox that so many digests in a row could not reach, over so long a time, is not tried again: a server on holiday, or a
 * full mailbox, is back by then (M3AAWG Sender Best Common Practices, section on bounce handling).
 */
const MAX_GIVEN_UP = 3;
const MIN_AGE_MS = 15 * DAY_MS;
const MAX_HARD = 2;

/** Whether a mailbox is to rest after these digests, between which none has reached it. */
export function isToRest(failed: readonly FailedDigest[]): boolean {
  if (failed.filter(({ isHard }) => isHard).length >= MAX_HARD) return true;
  const first = Math.min(...failed.map(({ sentAt }) => sentAt.getTime()));
  const last = Math.max(...failed.map(({ givenUpAt }) => givenUpAt.getTime()));
  return failed.length >= MAX_GIVEN_UP && last - first >= MIN_AGE_MS;
}

/**
 * A disabled mailbox may be enabled again (RFC 3463 section 3.3), a name server that does not know a domain may be the one that is
 * wrong (section 3.5), and a status about the dialogue (section 3.6) beside "mailbox unavailable" says little: the address is given
 * up when another digest finds the same.
 * @param status the enhanced status, such as '5.2.1'
 */
export function needsConfirmation(status: string | undefined): boolean {
  return status !== undefined && /^5\.(2\.1|[45]\.\d{1,3})$/.test(status);
}

/**
 * Counts what a digest's attempts showed of mailboxes: a deferral makes her next digest wait, an acceptance deletes what was
 * counted of attempts before.
 * @returns the subscriptions whose mailbox may have to rest (`isToRest`)
 */
export async function countSoftBounces(
  tx: Tx,
  digestId: string,
  { accepted, deferred, givenUp, unconfirmed }: MailboxReplies,
  now: Date,
): Promise<string[]> {
  if (accepted.length > 0) await deleteSessionBounces(tx, accepted);
  if (deferred.length > 0) await insertSoftBounces(tx, digestId, deferred, now);
  if (givenUp.length > 0) await markSoftBouncesGivenUp(tx, digestId, givenUp, now);
  if (unconfirmed.length > 0) await insertUnconfirmedBounces(tx, digestId, unconfirmed, now);
  return [...givenUp, ...unconfirmed];
}

/**
 * Counts bounces that were reported of accepted mails. In whatever order they come, the same is counted in the end.
 * @returns the subscriptions whose mailbox may have to rest (`isToRest`)
 */
export async function countReportedBounces(tx: Tx, bounces: readonly ReportedBounce[]): Promise<string[]> {
  if (bounces.length > 0) await insertReportedBounces(tx, bounces);
  return [...new Set(bounces.map(({ subscriptionId }) => subscriptionId))];
}
