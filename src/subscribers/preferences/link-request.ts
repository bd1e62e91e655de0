import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { parseAddress } from '../address.js';
import { findSubscriptionOf, lockSubscription } from '../reads.js';
import type { Subscription } from '../subscription.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { lockMailbox } from '../mail-cap/reads.js';
import { reserveMail } from '../mail-cap/reserve-mail.js';
import { findLatestRequestOf } from '../sign-up/reads.js';
import { requestConfirmation } from '../sign-up/resend.js';
import { addressHashes } from '../suppression/address-hashes.js';
import { isSuppressed } from '../suppression/reads.js';
import { insertLinkRequest, takeLinkRequest, type LinkRequest } from './writes.js';

/**
 * "Send me my link." Takes as long and has the same result for every address: the job decides by its state.
 * @param request `email` is a parsed address
 */
export async function requestPreferencesLink(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: { publicationId: string; email: string },
): Promise<void> {
  await recordRequest({ db, now }, { ...request, wish: 'settings' });
}

/**
 * Somebody typed an address to be let go, where her link of before names nobody: as above, it takes as long and has the same result for
 * every address.
 */
export async function requestLeave(
  context: Pick<Context, 'db' | 'now'>,
  request: { publicationId: string; email: string },
): Promise<void> {
  await recordRequest(context, { ...request, wish: 'leave' });
}

async function recordRequest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: Pick<LinkRequest, 'publicationId' | 'email' | 'wish'>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { id } = await insertLinkRequest(tx, request, now());
    await enqueue(tx, 'answer-link-request', { requestId: id }, now());
  });
}

/** The subscription that ends by such a request; undefined: that address has none. */
export async function takeLeaveRequest(tx: Tx, requestId: string): Promise<Subscription | undefined> {
  const request = await takeLinkRequest(tx, requestId);
  const parsed = request && parseAddress(request.email);
  if (request === undefined || parsed?.kind !== 'address') return undefined;
  return findSubscriptionOf(tx, request.publicationId, parsed.address.key);
}

/**
 * The subscription that is sent its link, also one that has ended. One that waits to be confirmed is asked again, by a request
 * of its own. Undefined: nothing, or that, or it is suppressed, or its mail cap is reached.
 */
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
  const mailboxHash = hashMailbox(hashAddress, key);
  await lockMailbox(tx, mailboxHash);
  const found = await findSubscriptionOf(tx, publicationId, key);
  const reader = found && (await lockSubscription(tx, found.id));
  if (reader === undefined || (await isSuppressed(tx, publicationId, addressHashes(hashAddress, key))))
    return undefined;
  if (reader.status === 'pending') {
    await requestConfirmation(tx, reader, await findLatestRequestOf(tx, reader.id), now);
    return undefined;
  }
  const reserved = await reserveMail(tx, mailboxHash, { publicationId, kind: 'unclicked' }, now);
  return reserved === 'reserved' ? reader : undefined;
}
