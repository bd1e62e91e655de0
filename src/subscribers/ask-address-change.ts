import type { AddressHasher } from '../platform/address-hash.js';
import type { Tx } from '../platform/db/database.js';
import { isRead } from './address-change.js';
import { cancelAskedChanges, insertAddressChange } from './address-writes.js';
import type { Address } from './address.js';
import { countMail } from './count-mail.js';
import { countChangesSince, listAddressChanges } from './address-reads.js';
import { isSuppressed, lockSubscription } from './reads.js';
import type { Subscription } from './subscription.js';

const DAY_MS = 24 * 3600 * 1000;
/** Each wish writes to an address that may be anybody's. */
const MOST_A_DAY = 3;

/** `mailsNew`: the new address may be asked; whoever typed it is not told when it may not. */
export type AskedChange =
  { kind: 'asked'; changeId: string; mailsNew: boolean } | { kind: 'same' | 'too-often' | 'over' };

/** Records the wish to read at another address; nothing moves before that address confirms. */
export async function askAddressChange(
  tx: Tx,
  subscription: Subscription,
  address: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<AskedChange> {
  const locked = await lockSubscription(tx, subscription.id);
  if (locked === undefined || !isRead(locked)) return { kind: 'over' };
  if (address.key === subscription.emailKey) return { kind: 'same' };
  const [latest] = await listAddressChanges(tx, subscription.id);
  const again = latest?.state === 'asked' && latest.newEmail === address.email ? latest : undefined;
  const since = new Date(now.getTime() - DAY_MS);
  if (again === undefined && (await countChangesSince(tx, subscription.id, since)) >= MOST_A_DAY)
    return { kind: 'too-often' };
  const mailsNew = await mayMail(tx, subscription.publicationId, address, hashAddress, now);
  // No further mail may go out: the link in the one that did goes on working.
  if (again !== undefined && !mailsNew) return { kind: 'asked', changeId: again.id, mailsNew };
  await cancelAskedChanges(tx, subscription.id, now);
  const change = { subscriptionId: subscription.id, oldEmail: subscription.email, newEmail: address.email };
  const { id } = await insertAddressChange(tx, change, now);
  return { kind: 'asked', changeId: id, mailsNew };
}

async function mayMail(
  tx: Tx,
  publicationId: string,
  { key: emailKey }: Address,
  hashAddress: AddressHasher,
  now: Date,
): Promise<boolean> {
  const addressHash = hashAddress(emailKey);
  if (await isSuppressed(tx, publicationId, addressHash)) return false;
  return (await countMail(tx, addressHash, publicationId, now)) === 'counted';
}
