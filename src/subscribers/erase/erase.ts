import { recordActivity } from '../../operators/activity/record-activity.js';
import { deleteStoredResponsesAbout } from '../../operators/idempotency-keys.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { listMergedInto } from '../address-change/reads.js';
import { deleteImportedReaders } from '../import/reader-writes.js';
import { deleteRowsOfAddress } from '../import/file-writes.js';
import { deleteLeaveReasons } from '../leave/writes.js';
import { findSubscription } from '../reads.js';
import { isTombstone } from '../subscription.js';
import { markUnsubscribed, deleteSubscribersWithoutSubscription, anonymiseSubscription } from '../writes.js';
import { deleteSoftBounces } from '../suppression/soft-bounce-writes.js';
import { insertSuppression } from '../suppression/writes.js';
import {
  deleteAddressChangesOf,
  deleteLinkRequestsOfAddress,
  clearConsentEvidence,
  deleteConfirmVisits,
  deleteRequestsOfAddress,
  deleteRequestsOfSubscriptions,
} from './writes.js';

type EraseContext = Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>;

/**
 * Erases a reader from one publication, with the subscriptions that were merged into hers. What is left is a subscription
 * without an address, so that links in old mails still lead somewhere, and a keyed hash that keeps programs from adding her
 * again; she herself may come back by confirming anew.
 */
export function eraseSubscription(
  context: EraseContext,
  subscriptionId: string,
): Promise<'erased' | 'not-there'> {
  return context.db.transaction(async (tx) => {
    const merged = await listMergedInto(tx, subscriptionId);
    const isThere = await eraseOne(tx, context, subscriptionId);
    for (const { id } of merged) await eraseOne(tx, context, id);
    return isThere ? 'erased' : 'not-there';
  });
}

/** @returns false where she was erased before */
async function eraseOne(tx: Tx, context: Omit<EraseContext, 'db'>, subscriptionId: string): Promise<boolean> {
  const { hashAddress } = context;
  const now = context.now();
  const subscription = await findSubscription(tx, subscriptionId);
  if (subscription === undefined || isTombstone(subscription)) return false;
  const { publicationId, subscriberId, emailKey, status } = subscription;
  await markUnsubscribed(tx, subscriptionId, now);
  const addressHash = hashAddress(emailKey);
  await insertSuppression(tx, addressHash, publicationId, 'erased', now);
  await deleteRowsOfAddress(tx, publicationId, { addressHash, emailKey });
  await deleteImportedReaders(tx, [subscriptionId]);
  await deleteRequestsOfSubscriptions(tx, [subscriptionId]);
  // Capped and undecided requests belong to no subscription.
  await deleteRequestsOfAddress(tx, publicationId, emailKey);
  await deleteLinkRequestsOfAddress(tx, publicationId, emailKey);
  await deleteAddressChangesOf(tx, subscriptionId);
  await clearConsentEvidence(tx, subscriptionId);
  await deleteConfirmVisits(tx, subscriptionId);
  await deleteLeaveReasons(tx, [subscriptionId]);
  await deleteSoftBounces(tx, [subscriptionId]);
  await deleteStoredResponsesAbout(tx, subscriptionId);
  await anonymiseSubscription(tx, subscriptionId, now);
  await deleteSubscribersWithoutSubscription(tx, [subscriberId]);
  await enqueue(tx, 'erase-events', { subscriptionId }, now);
  const change = { kind: 'subscription.erased', publicationId, subjectId: subscriptionId } as const;
  await recordActivity(tx, context, { ...change, before: { status } });
  return true;
}
