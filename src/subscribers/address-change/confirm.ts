import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { resetMailCap } from '../mail-cap/writes.js';
import { findSubscriptionOf } from '../reads.js';
import { isSubscribed, type Subscription } from '../subscription.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { isSuppressed } from '../suppression/reads.js';
import { liftErasure } from '../suppression/lift-suppression.js';
import { markUnsubscribed, findOrCreateSubscriber } from '../writes.js';
import { addressConfirmationDeadline } from './address-change.js';
import { lockChangeAndSubscription, moveToSubscriber, endAndAnonymise, parseStoredAddress } from './move.js';
import { markAddressChangeConfirmed } from './writes.js';

export type ConfirmAddressChangeResult =
  | { kind: 'moved' | 'merged'; subscription: Subscription }
  | { kind: 'already-confirmed' | 'expired' };

/**
 * Moves a subscription to the subscriber of the new address, which has confirmed. Where the new address subscribes already,
 * that subscription stays and this one ends; a pending or ended one there is anonymised to make room.
 */
export async function confirmAddressChange(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now' | 'hashAddress'>,
  changeId: string,
): Promise<ConfirmAddressChangeResult> {
  const { hashAddress } = context;
  const now = context.now();
  const { change, subscription } = await lockChangeAndSubscription(tx, changeId);
  if (change?.state === 'confirmed') return { kind: 'already-confirmed' };
  if (change?.state !== 'asked' || change.newEmail === null || addressConfirmationDeadline(change) <= now)
    return { kind: 'expired' };
  if (subscription === undefined || !isSubscribed(subscription)) return { kind: 'expired' };
  const address = parseStoredAddress(change.newEmail);
  const hashes = addressHashes(hashAddress, address.key);
  if (await isSuppressed(tx, subscription.publicationId, hashes)) return { kind: 'expired' };
  await resetMailCap(tx, hashMailbox(hashAddress, address.key), subscription.publicationId);
  await liftErasure(tx, context, subscription.publicationId, hashes[0]);
  // This locks the subscriber's row: a sign-up for the same address comes before or after, not between.
  const subscriber = await findOrCreateSubscriber(tx, address, now);
  const other = await findSubscriptionOf(tx, subscription.publicationId, address.key);
  if (other !== undefined && isSubscribed(other)) {
    await markUnsubscribed(tx, subscription.id, now);
    await markAddressChangeConfirmed(tx, changeId, other.id, now);
    await recordMove(tx, context, subscription, { mergedInto: other.id });
    return { kind: 'merged', subscription };
  }
  if (other !== undefined) await endAndAnonymise(tx, context, other, subscription);
  await moveToSubscriber(tx, subscription, subscriber);
  await markAddressChangeConfirmed(tx, changeId, null, now);
  await recordMove(tx, context, subscription, {});
  return { kind: 'moved', subscription };
}

function recordMove(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  { id, publicationId }: Subscription,
  after: { mergedInto?: string },
): Promise<void> {
  const change = { kind: 'subscription.address-changed', publicationId, subjectId: id } as const;
  return recordActivity(tx, context, { ...change, after });
}
