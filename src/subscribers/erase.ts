import { forgetAnswersAbout } from '../operators/idempotency.js';
import type { Context } from '../platform/context.js';
import { findSubscription } from './reads.js';
import { isTombstone } from './subscription.js';
import { deleteRequestsOf, detachRequests } from './request-writes.js';
import { deleteSubscribersWithout, endSubscription, insertSuppression, moveToNobody } from './writes.js';

/**
 * Erases a reader from one publication. Left is a tombstone without an address, so that links in old mails still answer,
 * and a keyed hash that keeps programs from adding her again; she herself may, by confirming anew.
 */
export function eraseSubscription(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined || isTombstone(subscription)) return;
    const { publicationId, subscriberId, emailKey } = subscription;
    await endSubscription(tx, subscriptionId, now());
    await insertSuppression(tx, hashAddress(emailKey), publicationId, 'erased', now());
    await detachRequests(tx, [subscriptionId]);
    // Requests that came too often, or are not answered yet, belong to no subscription.
    await deleteRequestsOf(tx, publicationId, emailKey);
    await forgetAnswersAbout(tx, subscriptionId);
    await moveToNobody(tx, subscriptionId, now());
    await deleteSubscribersWithout(tx, [subscriberId]);
  });
}
