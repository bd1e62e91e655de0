import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { hashMailbox } from '../../subscribers/mail-cap/mailbox.js';
import { lockMailbox } from '../../subscribers/mail-cap/reads.js';
import { findSubscription, lockSubscription } from '../../subscribers/reads.js';
import { isTombstone, type Subscription } from '../../subscribers/subscription.js';

/**
 * Locks a reader who may be mailed by what she pressed on a page: the mail caps of her mailbox first, then her subscription.
 * Undefined: there is none, she was erased, or her address was changed just now.
 */
export async function lockReader(
  tx: Tx,
  subscriptionId: string,
  hashAddress: Context['hashAddress'],
): Promise<Subscription | undefined> {
  const found = await findSubscription(tx, subscriptionId);
  if (found === undefined || isTombstone(found)) return undefined;
  await lockMailbox(tx, hashMailbox(hashAddress, found.emailKey));
  const reader = await lockSubscription(tx, subscriptionId);
  return reader?.emailKey === found.emailKey ? reader : undefined;
}
