import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { listGivenUp } from './reads.js';
import { deleteSoftBounces, insertSoftBounces, markSoftBouncesGivenUp } from './soft-bounce-writes.js';

/**
 * How attempts of one digest ended for readers, by subscription; those of no concern to a mailbox are left out. `givenUp` counts
 * only for who was deferred before.
 */
export type MailboxReplies = { accepted: string[]; deferred: string[]; givenUp: string[] };

/**
 * A mailbox that so many digests in a row could not reach, over so long a time, is not tried again: a server on holiday, or a
 * full mailbox, is back by then (M3AAWG Sender Best Common Practices, section on bounce handling).
 */
const MAX_GIVEN_UP = 3;
const MIN_AGE_MS = 15 * DAY_MS;

/**
 * Counts what a digest's attempts showed of mailboxes: a deferral makes her next digest wait, an acceptance deletes all that
 * was counted.
 * @returns the subscriptions whose mailbox is to rest
 */
export async function countSoftBounces(
  tx: Tx,
  digestId: string,
  { accepted, deferred, givenUp }: MailboxReplies,
  now: Date,
): Promise<string[]> {
  if (accepted.length > 0) await deleteSoftBounces(tx, accepted);
  if (deferred.length > 0) await insertSoftBounces(tx, digestId, deferred, now);
  if (givenUp.length === 0) return [];
  await markSoftBouncesGivenUp(tx, digestId, givenUp, now);
  const counted = await listGivenUp(tx, givenUp);
  return counted
    .filter(({ digests, since }) => digests >= MAX_GIVEN_UP && now.getTime() - since.getTime() >= MIN_AGE_MS)
    .map(({ subscriptionId }) => subscriptionId);
}
