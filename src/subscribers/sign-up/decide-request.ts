import type { AddressHasher } from '../../platform/crypto/address-hash.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { isTimeZone } from '../../publications/publication.js';
import { parseAddress, type Address } from '../address.js';
import { reserveMail } from '../reserve-mail.js';
import { deleteSubscribersWithoutSubscription } from '../erase-writes.js';
import { isSuppressed } from '../reads.js';
import type { SignUpRequest } from '../request-reads.js';
import { lockUndecidedRequest, recordDecision } from '../request-writes.js';
import { findOrCreateSubscriber, findOrCreateSubscription } from '../writes.js';

export type SignUpDecision =
  { kind: 'confirmation' | 'already-subscribed'; subscriptionId: string } | { kind: 'capped' | 'suppressed' };

/** The request, held for the caller's transaction; undefined when it has been answered, or its time is over. */
export function lockRequest(tx: Tx, requestId: string): Promise<SignUpRequest | undefined> {
  return lockUndecidedRequest(tx, requestId);
}

/**
 * Decides what a sign-up request is answered with, by the state of its address, and keeps the decision.
 * The caller holds the request's row and promises the mail in the same transaction.
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
  const answer = await decideByAddress(
    tx,
    request,
    publication,
    parsed.address,
    hashAddress(parsed.address.key),
    now,
  );
  await recordDecision(
    tx,
    request.id,
    answer.kind,
    'subscriptionId' in answer ? answer.subscriptionId : null,
  );
  return answer;
}

async function decideByAddress(
  tx: Tx,
  request: SignUpRequest,
  publication: Publication,
  address: Address,
  addressHash: Buffer,
  now: Date,
): Promise<SignUpDecision> {
  // Of an address that is never mailed, nothing is kept but the hash.
  if (await isSuppressed(tx, publication.id, addressHash)) return { kind: 'suppressed' };
  // The subscriber's row is locked: two requests for one address are counted one after the other.
  const subscriber = await findOrCreateSubscriber(tx, address, now);
  if ((await reserveMail(tx, addressHash, publication.id, now)) === 'capped') {
    // Nobody's subscription refers to a stranger's row: it would stay for ever.
    await deleteSubscribersWithoutSubscription(tx, [subscriber.id]);
    return { kind: 'capped' };
  }
  const subscription = await findOrCreateSubscription(
    tx,
    newSubscription(request, publication, subscriber.id),
    now,
  );
  const known = subscription.status === 'confirmed' || subscription.status === 'paused';
  return { kind: known ? 'already-subscribed' : 'confirmation', subscriptionId: subscription.id };
}

function newSubscription(request: SignUpRequest, publication: Publication, subscriberId: string) {
  return {
    publicationId: publication.id,
    subscriberId,
    locale: request.locale ?? publication.locale,
    cadence: publication.defaultCadence,
    hour: publication.hour,
    weekday: publication.weekday,
    dayOfMonth: publication.dayOfMonth,
    timezone: knownTimeZone(request.timezone) ?? publication.timezone,
  };
}

function knownTimeZone(name: string | null): string | undefined {
  return name !== null && isTimeZone(name) ? name : undefined;
}
