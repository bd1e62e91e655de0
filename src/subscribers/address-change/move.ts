import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { parseAddress, type Address } from '../address.js';
import { lockSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';
import { markUnsubscribed, deleteSubscribersWithoutSubscription, anonymiseSubscription } from '../writes.js';
import type { AddressChange } from './address-change.js';
import { findAddressChange } from './reads.js';
import { lockAddressChange, moveSubscription } from './writes.js';

/** In the order in which a request for a change locks them, so that the two cannot deadlock. */
export async function lockChangeAndSubscription(
  tx: Tx,
  changeId: string,
): Promise<{ change: AddressChange | undefined; subscription: Subscription | undefined }> {
  const found = await findAddressChange(tx, changeId);
  const subscription = found && (await lockSubscription(tx, found.subscriptionId));
  return { subscription, change: await lockAddressChange(tx, changeId) };
}

export async function moveToSubscriber(
  tx: Tx,
  subscription: Subscription,
  subscriber: { id: string },
): Promise<void> {
  await moveSubscription(tx, subscription.id, subscriber.id);
  await deleteSubscribersWithoutSubscription(tx, [subscription.subscriberId]);
}

/** For a pending or ended subscription that is in the way of a move of `by`: its old links find it ended. */
export async function endAndAnonymise(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  { id, publicationId }: Subscription,
  by: Subscription,
): Promise<void> {
  await markUnsubscribed(tx, id, context.now());
  await anonymiseSubscription(tx, id, context.now());
  const change = { kind: 'subscription.replaced', publicationId, subjectId: id } as const;
  await recordActivity(tx, context, { ...change, after: { by: by.id } });
}

/** @throws when it is malformed: addresses are parsed before they are stored */
export function parseStoredAddress(email: string): Address {
  const parsed = parseAddress(email);
  if (parsed.kind === 'malformed') throw new Error('A malformed address was recorded');
  return parsed.address;
}
