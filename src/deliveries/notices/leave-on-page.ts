import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { endSubscription } from '../../subscribers/leave/unsubscribe.js';
import { hashMailbox } from '../../subscribers/mail-cap/mailbox.js';
import { reserveMail } from '../../subscribers/mail-cap/reserve-mail.js';
import { isSubscribed, type Subscription } from '../../subscribers/subscription.js';
import { addressHashes } from '../../subscribers/suppression/address-hashes.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import { lockReader } from './lock-reader.js';
import { enqueueSelfServiceNotice } from './self-service-links.js';

/**
 * Ends a subscription by the button of a page, and has its reader told: whoever was forwarded a newsletter can press it.
 * A mail program's own button needs no word to her.
 */
export function leaveOnPage(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  return context.db.transaction((tx) => endAndTell(tx, context, subscriptionId));
}

/** As `leaveOnPage`, in the caller's transaction. */
export async function endAndTell(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor' | 'hashAddress'>,
  subscriptionId: string,
): Promise<void> {
  const { now, hashAddress } = context;
  const reader = await lockReader(tx, subscriptionId, hashAddress);
  await endSubscription(tx, context, subscriptionId);
  if (reader === undefined || !isSubscribed(reader)) return;
  if (await mayTell(tx, reader, hashAddress, now()))
    await enqueueSelfServiceNotice(tx, { kind: 'left', causeId: randomUUID(), reader }, now());
}

async function mayTell(
  tx: Tx,
  { publicationId, emailKey }: Subscription,
  hashAddress: Context['hashAddress'],
  now: Date,
): Promise<boolean> {
  if (await isSuppressed(tx, publicationId, addressHashes(hashAddress, emailKey))) return false;
  const counted = { publicationId, kind: 'left' as const };
  return (await reserveMail(tx, hashMailbox(hashAddress, emailKey), counted, now)) === 'reserved';
}
