import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Tx } from '../../platform/db/database.js';
import { isSubscribed } from './address-change.js';
import { cancelUnconfirmedAddressChanges, insertAddressChange } from './writes.js';
import type { Address } from '../address.js';
import { reserveMail } from '../reserve-mail.js';
import { countAddressChangesSince, listAddressChanges } from './reads.js';
import { isSuppressed, lockSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';

const DAY_MS = 24 * 3600 * 1000;
/** Each wish writes to an address that may be anybody's. */
const MAX_CHANGES_PER_DAY = 3;

/** `mailsNew`: the new address may be asked; whoever typed it is not told when it may not. */
export type AddressChangeRequestResult =
  { kind: 'asked'; changeId: string; mailsNew: boolean } | { kind: 'same' | 'too-often' | 'over' };

/** Records the wish to read at another address; nothing moves before that address confirms. */
export async function requestAddressChange(
  tx: Tx,
  subscription: Subscription,
  address: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<AddressChangeRequestResult> {
  const locked = await lockSubscription(tx, subscription.id);
  if (locked === undefined || !isSubscribed(locked)) return { kind: 'over' };
  if (address.key === subscription.emailKey) return { kind: 'same' };
  const [latest] = await listAddressChanges(tx, subscription.id);
  const again = latest?.state === 'asked' && latest.newEmail === address.email ? latest : undefined;
  const since = new Date(now.getTime() - DAY_MS);
  if (
    again === undefined &&
    (await countAddressChangesSince(tx, subscription.id, since)) >= MAX_CHANGES_PER_DAY
  )
    return { kind: 'too-often' };
  const mailsNew = await reserveMailToNewAddress(tx, subscription.publicationId, address, hashAddress, now);
  // No further mail may go out: the link in the one that did goes on working.
  if (again !== undefined && !mailsNew) return { kind: 'asked', changeId: again.id, mailsNew };
  await cancelUnconfirmedAddressChanges(tx, subscription.id, now);
  const change = { subscriptionId: subscription.id, oldEmail: subscription.email, newEmail: address.email };
  const { id } = await insertAddressChange(tx, change, now);
  return { kind: 'asked', changeId: id, mailsNew };
}

async function reserveMailToNewAddress(
  tx: Tx,
  publicationId: string,
  { key: emailKey }: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<boolean> {
  const addressHash = hashAddress(emailKey);
  if (await isSuppressed(tx, publicationId, addressHash)) return false;
  return (await reserveMail(tx, addressHash, publicationId, now)) === 'counted';
}
