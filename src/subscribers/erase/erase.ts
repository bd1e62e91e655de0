import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import { deleteStoredResponsesAbout } from '../../operators/idempotency-keys.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { listMergedInto } from '../address-change/reads.js';
import { deleteAddressChangesOf } from '../address-change/writes.js';
import { deleteLeaveReasons } from '../leave/writes.js';
import { deleteLinkRequestsOfAddress } from '../preferences/link-request-writes.js';
import { clearEvidenceOf } from '../consent/evidence-writes.js';
import { findSubscription } from '../reads.js';
import { isTombstone } from '../subscription.js';
import { deleteRequestsOfAddress, deleteRequestsOfSubscriptions } from '../request-writes.js';
import { markUnsubscribed } from '../writes.js';
import { deleteSubscribersWithoutSubscription, anonymiseSubscription } from '../erase-writes.js';
import { insertSuppression } from '../suppression/writes.js';

/**
 * Erases a reader from one publication. Left is a tombstone without an address, so that links in old mails still answer,
 * and a keyed hash that keeps programs from adding her again; she herself may, by confirming anew. What she had read at
 * another address, before it was joined to this one, goes too.
 */
export function eraseSubscription(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const others = await listMergedInto(tx, subscriptionId);
    for (const id of [subscriptionId, ...others.map((one) => one.id)])
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
  // Requests that came too often, or are not answered yet, belong to no subscription.
  await deleteRequestsOfAddress(tx, publicationId, emailKey);
  await deleteLinkRequestsOfAddress(tx, publicationId, emailKey);
  await deleteAddressChangesOf(tx, subscriptionId);
  await clearEvidenceOf(tx, subscriptionId);
  await deleteLeaveReasons(tx, [subscriptionId]);
  await deleteStoredResponsesAbout(tx, subscriptionId);
  await anonymiseSubscription(tx, subscriptionId, now);
  await deleteSubscribersWithoutSubscription(tx, [subscriberId]);
}
