import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { restoreSubscription } from '../leave/restore-subscription.js';
import { findSubscriptionOf } from '../reads.js';
import { isSubscribed, isTombstone, type Subscription } from '../subscription.js';
import { findOrCreateSubscriber } from '../writes.js';
import { addressCancellationDeadline, type AddressChange } from './address-change.js';
import { lockChangeAndSubscription, moveToSubscriber, endAndAnonymise, parseStoredAddress } from './move.js';
import { cancelAddressChangesFrom, revokeLinks } from './writes.js';

/** `wasConfirmed`: the new address had mail already, so its owner is told that it stops. */
export type CancelAddressChangeResult =
  | { kind: 'cancelled'; subscription: Subscription; wasConfirmed: boolean }
  | { kind: 'already-cancelled' | 'expired' };

/** Cancels a change for the old address, within a week, even when the new one has confirmed. */
export async function cancelAddressChange(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  changeId: string,
): Promise<CancelAddressChangeResult> {
  const now = context.now();
  const { change, subscription } = await lockChangeAndSubscription(tx, changeId);
  if (change?.state === 'cancelled') return { kind: 'already-cancelled' };
  if (change === undefined || change.oldEmail === null || addressCancellationDeadline(change) <= now)
    return { kind: 'expired' };
  if (subscription === undefined || isTombstone(subscription)) return { kind: 'expired' };
  const wasConfirmed = change.state === 'confirmed';
  if (wasConfirmed && !(await revertChange(tx, context, change, subscription))) return { kind: 'expired' };
  // Whoever requested it holds a manage link.
  if (!wasConfirmed) await revokeLinks(tx, subscription.id);
  // Later changes were requested by whoever had the subscription by then: they are cancelled too.
  await cancelAddressChangesFrom(tx, change, now);
  if (wasConfirmed) {
    const { id, publicationId } = subscription;
    await recordActivity(tx, context, {
      kind: 'subscription.address-returned',
      publicationId,
      subjectId: id,
    });
  }
  return { kind: 'cancelled', subscription, wasConfirmed };
}

/** Restores what was merged, moves back what was moved. False when a newer subscription is in the way. */
async function revertChange(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  change: AddressChange,
  subscription: Subscription,
): Promise<boolean> {
  if (change.mergedInto !== null) {
    if (subscription.unsubscribedAt?.getTime() !== change.confirmedAt?.getTime()) return false;
    return await restoreSubscription(tx, context, subscription);
  }
  const address = parseStoredAddress(change.oldEmail ?? '');
  const subscriber = await findOrCreateSubscriber(tx, address, context.now());
  const other = await findSubscriptionOf(tx, subscription.publicationId, address.key);
  if (other !== undefined && isSubscribed(other)) return false;
  if (other !== undefined) await endAndAnonymise(tx, context, other, subscription);
  await moveToSubscriber(tx, subscription, subscriber);
  // Whoever had it meanwhile may have ended it: it is put back as it was.
  if (subscription.status === 'unsubscribed') await restoreSubscription(tx, context, subscription);
  return true;
}
