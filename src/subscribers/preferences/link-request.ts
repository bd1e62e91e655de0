import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { parseAddress } from '../address.js';
import { reserveMail, lockAddress } from '../reserve-mail.js';
import { insertLinkRequest, takeLinkRequest } from './link-request-writes.js';
import { findSubscriptionOf, isSuppressed, lockSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';

/**
 * "Send me my link." Every address costs the same and gets the same answer; the job decides by its state.
 * @param request `email` is a parsed address
 */
export async function requestPreferencesLink(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: { publicationId: string; email: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { id } = await insertLinkRequest(tx, request, now());
    await enqueue(tx, 'answer-link-request', { requestId: id }, now());
  });
}

/** Whom the link goes to: readers who are confirmed or pause, as long as her mailbox has not had enough of us. */
export async function decideLinkRequest(
  tx: Tx,
  requestId: string,
  hashAddress: AddressHasher,
  now: Date,
): Promise<Subscription | undefined> {
  const request = await takeLinkRequest(tx, requestId);
  const parsed = request && parseAddress(request.email);
  if (request === undefined || parsed?.kind !== 'address') return undefined;
  const { publicationId } = request;
  const { key } = parsed.address;
  const addressHash = hashAddress(key);
  await lockAddress(tx, addressHash);
  const found = await findSubscriptionOf(tx, publicationId, key);
  const reader = found && (await lockSubscription(tx, found.id));
  if (reader?.status !== 'confirmed' && reader?.status !== 'paused') return undefined;
  if (await isSuppressed(tx, publicationId, addressHash)) return undefined;
  const counted = await reserveMail(tx, addressHash, publicationId, now);
  return counted === 'counted' ? reader : undefined;
}
