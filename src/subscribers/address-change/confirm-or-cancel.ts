import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Tx } from '../../platform/db/database.js';
import { addressCancellationDeadline, addressConfirmationDeadline, isSubscribed } from './address-change.js';
import {
  cancelAddressChangesFrom,
  markAddressChangeConfirmed,
  lockAddressChange,
  moveSubscription,
  revokeLinks,
} from './writes.js';
import { parseAddress, type Address } from '../address.js';
import { findAddressChange, type AddressChange } from './reads.js';
import { findSubscriptionOf, isSuppressed, lockSubscription } from '../reads.js';
import { resetMailCap } from '../request-writes.js';
import { isTombstone, type Subscription } from '../subscription.js';
import { restoreSubscription } from '../leave/restore-subscription.js';
import { markUnsubscribed, findOrCreateSubscriber } from '../writes.js';
import { deleteSubscribersWithoutSubscription, anonymiseSubscription } from '../erase-writes.js';
import { deleteErasureSuppression } from '../suppression/writes.js';

export type ConfirmAddressChangeResult =
  { kind: 'moved' | 'merged'; subscription: Subscription } | { kind: 'already' | 'over' };

/**
 * The new address has confirmed: the subscription moves to the subscriber of that address. An address never changes under
 * a delivery. Who reads this newsletter at the new address already keeps that subscription, and the old one
 * ends; one there that is not read, waiting or ended, makes room.
 */
export async function confirmAddressChange(
  tx: Tx,
  changeId: string,
  hashAddress: AddressHasher,
  now: Date,
): Promise<ConfirmAddressChangeResult> {
  const { change, subscription } = await lockChangeAndSubscription(tx, changeId);
  if (change?.state === 'confirmed') return { kind: 'already' };
  if (change?.state !== 'asked' || change.newEmail === null || addressConfirmationDeadline(change) <= now)
    return { kind: 'over' };
  if (subscription === undefined || !isSubscribed(subscription)) return { kind: 'over' };
  const address = parseStoredAddress(change.newEmail);
  const addressHash = hashAddress(address.key);
  if (await isSuppressed(tx, subscription.publicationId, addressHash)) return { kind: 'over' };
  await resetMailCap(tx, addressHash, subscription.publicationId);
  await deleteErasureSuppression(tx, addressHash, subscription.publicationId);
  // The person's row is locked: a sign-up for the same address waits for us, or we for it.
  const subscriber = await findOrCreateSubscriber(tx, address, now);
  const other = await findSubscriptionOf(tx, subscription.publicationId, address.key);
  if (other !== undefined && isSubscribed(other)) {
    await markUnsubscribed(tx, subscription.id, now);
    await markAddressChangeConfirmed(tx, changeId, other.id, now);
    return { kind: 'merged', subscription };
  }
  if (other !== undefined) await endAndAnonymise(tx, other, now);
  await moveToSubscriber(tx, subscription, subscriber);
  await markAddressChangeConfirmed(tx, changeId, null, now);
  return { kind: 'moved', subscription };
}

/** `wasConfirmed`: mail went to the new address already, and its owner is told that it stops. */
export type CancelAddressChangeResult =
  { kind: 'cancelled'; subscription: Subscription; wasConfirmed: boolean } | { kind: 'already' | 'over' };

/** The old address takes the change back, within a week, even when the new one has confirmed. */
export async function cancelAddressChange(
  tx: Tx,
  changeId: string,
  now: Date,
): Promise<CancelAddressChangeResult> {
  const { change, subscription } = await lockChangeAndSubscription(tx, changeId);
  if (change?.state === 'cancelled') return { kind: 'already' };
  if (change === undefined || change.oldEmail === null || addressCancellationDeadline(change) <= now)
    return { kind: 'over' };
  if (subscription === undefined || isTombstone(subscription)) return { kind: 'over' };
  const wasConfirmed = change.state === 'confirmed';
  if (wasConfirmed && !(await revertChange(tx, change, subscription, now))) return { kind: 'over' };
  // Whoever asked for it has a settings link.
  if (!wasConfirmed) await revokeLinks(tx, subscription.id);
  // What came after it, from whoever had her subscription by then, falls with it.
  await cancelAddressChangesFrom(tx, change, now);
  return { kind: 'cancelled', subscription, wasConfirmed };
}

/** What ended for the other address begins again; what moved goes home. False: something newer is there. */
async function revertChange(
  tx: Tx,
  change: AddressChange,
  subscription: Subscription,
  now: Date,
): Promise<boolean> {
  if (change.mergedInto !== null) {
    if (subscription.unsubscribedAt?.getTime() !== change.confirmedAt?.getTime()) return false;
    return await restoreSubscription(tx, subscription, now);
  }
  const address = parseStoredAddress(change.oldEmail ?? '');
  const subscriber = await findOrCreateSubscriber(tx, address, now);
  const other = await findSubscriptionOf(tx, subscription.publicationId, address.key);
  if (other !== undefined && isSubscribed(other)) return false;
  if (other !== undefined) await endAndAnonymise(tx, other, now);
  await moveToSubscriber(tx, subscription, subscriber);
  // Whoever had it meanwhile may have ended it: she wants it as it was.
  if (subscription.status === 'unsubscribed') await restoreSubscription(tx, subscription, now);
  return true;
}

/** The subscription first, as whoever asks for a change locks them. */
async function lockChangeAndSubscription(
  tx: Tx,
  changeId: string,
): Promise<{ change: AddressChange | undefined; subscription: Subscription | undefined }> {
  const found = await findAddressChange(tx, changeId);
  const subscription = found && (await lockSubscription(tx, found.subscriptionId));
  return { subscription, change: await lockAddressChange(tx, changeId) };
}

async function moveToSubscriber(
  tx: Tx,
  subscription: Subscription,
  subscriber: { id: string },
): Promise<void> {
  await moveSubscription(tx, subscription.id, subscriber.id);
  await deleteSubscribersWithoutSubscription(tx, [subscription.subscriberId]);
}

/** One that waits to be confirmed, or has ended, is nobody's from now on: its old links find it ended. */
async function endAndAnonymise(tx: Tx, other: Subscription, now: Date): Promise<void> {
  await markUnsubscribed(tx, other.id, now);
  await anonymiseSubscription(tx, other.id, now);
}

/** Ours were parsed when they came in. */
function parseStoredAddress(email: string): Address {
  const parsed = parseAddress(email);
  if (parsed.kind === 'malformed') throw new Error('A malformed address was recorded');
  return parsed.address;
}
