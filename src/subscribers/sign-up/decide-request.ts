import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { parseAddress, type Address } from '../address.js';
import { MAIL_CAP_WINDOW_MS } from '../mail-cap/mail-cap.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { listCappedMails, lockMailbox } from '../mail-cap/reads.js';
import { reserveMail } from '../mail-cap/reserve-mail.js';
import { defaultCadenceSettings, isSubscribed } from '../subscription.js';
import { addressHashes, type AddressHashes } from '../suppression/address-hashes.js';
import { isOnlyBounced } from '../suppression/lift-suppression.js';
import { isSuppressed } from '../suppression/reads.js';
import {
  deleteSubscribersWithoutSubscription,
  findOrCreateSubscriber,
  findOrCreateSubscription,
} from '../writes.js';
import type { SignUpRequest } from './request.js';
import { recordDecision } from './writes.js';

/**
 * The mail that a request leads to: a confirmation link, the news that she subscribes already, the question whether a mailbox
 * that bounced works again, or none.
 */
export type SignUpDecision =
  | { kind: 'confirmation' | 'already-subscribed' | 'repair'; subscriptionId: string }
  | { kind: 'capped' | 'suppressed' };

/**
 * Decides which mail a sign-up request leads to, by the state of its address, and records the decision. The caller has
 * locked the request's row, and enqueues the mail in the same transaction.
 */
export async function decideRequest(
  tx: Tx,
  request: SignUpRequest,
  publication: Publication,
  hashAddress: AddressHasher,
  now: Date,
): Promise<SignUpDecision> {
  const parsed = parseAddress(request.email);
  if (parsed.kind === 'malformed')
    throw new Error(`Request ${request.id} was recorded with a malformed address`);
  const { address } = parsed;
  const hashes = {
    hashes: addressHashes(hashAddress, address.key),
    mailboxHash: hashMailbox(hashAddress, address.key),
  };
  const decision = await decideByAddress(tx, { request, publication, address, ...hashes }, now);
  const subscriptionId = 'subscriptionId' in decision ? decision.subscriptionId : null;
  await recordDecision(
    tx,
    request.id,
    decision.kind === 'repair' ? 'suppressed' : decision.kind,
    subscriptionId,
  );
  return decision;
}

type DecisionInput = {
  request: SignUpRequest;
  publication: Publication;
  address: Address;
  hashes: AddressHashes;
  mailboxHash: Buffer;
};

async function decideByAddress(tx: Tx, input: DecisionInput, now: Date): Promise<SignUpDecision> {
  const { request, publication, address, hashes, mailboxHash } = input;
  // A suppressed address is stored nowhere but as its hash.
  const isStopped = await isSuppressed(tx, publication.id, hashes);
  if (isStopped && !(await mayTryAgain(tx, input, now))) return { kind: 'suppressed' };
  // This locks the subscriber's row: two requests for one address are decided one after the other.
  const subscriber = await findOrCreateSubscriber(tx, address, now);
  if (
    (await reserveMail(tx, mailboxHash, { publicationId: publication.id, kind: 'unclicked' }, now)) ===
    'capped'
  ) {
    // A subscriber made just now has no subscription, and no purge would find the row.
    await deleteSubscribersWithoutSubscription(tx, [subscriber.id]);
    return { kind: 'capped' };
  }
  const row = {
    ...defaultCadenceSettings(publication, request.timezone),
    publicationId: publication.id,
    subscriberId: subscriber.id,
    locale: request.locale ?? publication.locale,
  };
  const subscription = await findOrCreateSubscription(tx, row, now);
  const subscribed = isStopped ? 'repair' : 'already-subscribed';
  return {
    kind: isSubscribed(subscription) ? subscribed : 'confirmation',
    subscriptionId: subscription.id,
  };
}

/** Whether an address that bounced gets one mail to find out if it works again: none was sent to it for thirty days. */
async function mayTryAgain(
  tx: Tx,
  { publication, hashes, mailboxHash }: DecisionInput,
  now: Date,
): Promise<boolean> {
  if (!(await isOnlyBounced(tx, publication.id, hashes))) return false;
  await lockMailbox(tx, mailboxHash);
  const since = new Date(now.getTime() - MAIL_CAP_WINDOW_MS);
  return (await listCappedMails(tx, mailboxHash, since)).every(({ kind }) => kind !== 'unclicked');
}
