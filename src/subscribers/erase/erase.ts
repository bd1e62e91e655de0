import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import { deleteStoredResponsesAbout } from '../../operators/idempotency-keys.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { listMergedInto } from '../address-change/reads.js';
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
  deleteRequestsOfAddress,
  deleteRequestsOfSubscriptions,
} from './writes.js';

/**
 * Erases a reader from one publication, with the subscriptions that were merged into hers. What is left is a subscription
 * without an address, so that links in old mails still lead somewhere, and a keyed hash that keeps programs from adding her
 * again; she herself may come back by confirming anew.
 */
export function eraseSubscription(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const merged = await listMergedInto(tx, subscriptionId);
    for (const id of [subscriptionId, ...merged.map((one) => one.id)])
      await eraseOne(tx, id, hashAddress, now());
  });
}

async function eraseOne(
  tx: Tx,
  subscriptionId: string,
  hashAddress: AddressHasher,
  now: Date,
): Promise<void> {
  const subscription = await findSubscription(tx, subscriptionId);
  if (subscription === undefined || isTombstone(subscription)) return;
  const { publicationId, subscriberId, emailKey } = subscription;
  await markUnsubscribed(tx, subscriptionId, now);
  await insertSuppression(tx, hashAddress(emailKey), publicationId, 'erased', now);
  await deleteRequestsOfSubscriptions(tx, [subscriptionId]);
  // Capped and undecided requests belong to no subscription.
  await deleteRequestsOfAddress(tx, publicationId, emailKey);
  await deleteLinkRequestsOfAddress(tx, publicationId, emailKey);
  await deleteAddressChangesOf(tx, subscriptionId);
  await clearConsentEvidence(tx, subscriptionId);
  await deleteLeaveReasons(tx, [subscriptionId]);
  await deleteSoftBounces(tx, [subscriptionId]);
  await deleteStoredResponsesAbout(tx, subscriptionId);
  await anonymiseSubscription(tx, subscriptionId, now);
  await deleteSubscribersWithoutSubscription(tx, [subscriberId]);
}
