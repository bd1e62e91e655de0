import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Tx } from '../../platform/db/database.js';
import { cancelUnconfirmedAddressChanges, insertAddressChange } from './writes.js';
import type { Address } from '../address.js';
import { countAddressChangesSince, listAddressChanges } from './reads.js';
import { lockSubscription } from '../reads.js';
import { isSubscribed, type Subscription } from '../subscription.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { reserveMail } from '../mail-cap/reserve-mail.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { isSuppressed } from '../suppression/reads.js';
import { DAY_MS } from '../../platform/durations.js';

/** Each change mails an address that may be anybody's. */
const MAX_CHANGES_PER_DAY = 3;

/** `mayMailNewAddress` false: it is suppressed or its mail cap is reached, which whoever typed it is not told. */
export type AddressChangeRequestResult =
  | { kind: 'requested'; changeId: string; mayMailNewAddress: boolean }
  | { kind: 'same-address' | 'too-often' | 'not-subscribed' };

/** Records that a reader wants to move to another address. Nothing moves before that address confirms. */
export async function requestAddressChange(
  tx: Tx,
  subscription: Subscription,
  address: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<AddressChangeRequestResult> {
  const locked = await lockSubscription(tx, subscription.id);
  if (locked === undefined || !isSubscribed(locked)) return { kind: 'not-subscribed' };
  if (address.key === subscription.emailKey) return { kind: 'same-address' };
  const [latest] = await listAddressChanges(tx, subscription.id);
  const again = latest?.state === 'asked' && latest.newEmail === address.email ? latest : undefined;
  const since = new Date(now.getTime() - DAY_MS);
  if (
    again === undefined &&
    (await countAddressChangesSince(tx, subscription.id, since)) >= MAX_CHANGES_PER_DAY
  )
    return { kind: 'too-often' };
  const mayMailNewAddress = await reserveMailToNewAddress(
    tx,
    subscription.publicationId,
    address,
    hashAddress,
    now,
  );
  // Without a further mail to the new address, the link in the one before goes on working.
  if (again !== undefined && !mayMailNewAddress)
    return { kind: 'requested', changeId: again.id, mayMailNewAddress };
  await cancelUnconfirmedAddressChanges(tx, subscription.id, now);
  const change = { subscriptionId: subscription.id, oldEmail: subscription.email, newEmail: address.email };
  const { id } = await insertAddressChange(tx, change, now);
  return { kind: 'requested', changeId: id, mayMailNewAddress };
}

async function reserveMailToNewAddress(
  tx: Tx,
  publicationId: string,
  { key: emailKey }: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<boolean> {
  if (await isSuppressed(tx, publicationId, addressHashes(hashAddress, emailKey))) return false;
  const mailboxHash = hashMailbox(hashAddress, emailKey);
  return (await reserveMail(tx, mailboxHash, { publicationId, kind: 'unclicked' }, now)) === 'reserved';
}
