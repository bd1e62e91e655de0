import type { AddressHasher } from '../platform/address-hash.js';
import { forgetAnswersAbout } from '../operators/idempotency.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { listEndedIn } from './address-reads.js';
import { deleteAddressChangesOf } from './address-writes.js';
import { deleteReasons } from './leave-writes.js';
import { deleteLinkRequestsOf } from './link-request-writes.js';
import { forgetEvidenceOf } from './evidence-writes.js';
import { findSubscription } from './reads.js';
import { isTombstone } from './subscription.js';
import { deleteRequestsOf, deleteRequestsFor } from './request-writes.js';
import { endSubscription } from './writes.js';
import { deleteSubscribersWithout, moveToNobody } from './erase-writes.js';
import { insertSuppression } from './suppression-writes.js';

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
    const others = await listEndedIn(tx, subscriptionId);
    for (const id of [subscriptionId, ...others.map((one) => one.id)])
      await erase(tx, id, hashAddress, now());
  });
}

async function erase(tx: Tx, subscriptionId: string, hashAddress: AddressHasher, now: Date): Promise<void> {
  const subscription = await findSubscription(tx, subscriptionId);
  if (subscription === undefined || isTombstone(subscription)) return;
  const { publicationId, subscriberId, emailKey } = subscription;
  await endSubscription(tx, subscriptionId, now);
  await insertSuppression(tx, hashAddress(emailKey), publicationId, 'erased', now);
  await deleteRequestsFor(tx, [subscriptionId]);
  // Requests that came too often, or are not answered yet, belong to no subscription.
  await deleteRequestsOf(tx, publicationId, emailKey);
  await deleteLinkRequestsOf(tx, publicationId, emailKey);
  await deleteAddressChangesOf(tx, subscriptionId);
  await forgetEvidenceOf(tx, subscriptionId);
  await deleteReasons(tx, [subscriptionId]);
  await forgetAnswersAbout(tx, subscriptionId);
  await moveToNobody(tx, subscriptionId, now);
  await deleteSubscribersWithout(tx, [subscriberId]);
}
