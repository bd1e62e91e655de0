import { createHash } from 'node:crypto';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { cadences, isTimeZone, type Cadence, type Publication } from '../publications/publication.js';
import { readNumber } from '../publications/sequence.js';
import { findLatestRequest, findSubscription, isSuppressed, type SignUpRequest } from './reads.js';
import { nextDueAt } from './rhythm.js';
import type { Rhythm, Subscription } from './subscription.js';
import { confirmAsked, forgetAsked, insertConsent, insertWording, liftErasure } from './writes.js';

export type Confirmation = { kind: 'confirmed' } | { kind: 'already-confirmed' } | { kind: 'revoked' };

/**
 * Confirms a subscription, keeps the proof (the very words she agreed to, the page and the times), and promises a
 * welcome. She is due what is released from now on. Pressing twice is one confirmation.
 * @param wording the text beside the button, as she read it
 */
export function confirm(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  input: { subscriptionId: string; generation: number; publication: Publication; wording: string },
): Promise<Confirmation> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, input.subscriptionId);
    if (subscription === undefined) return { kind: 'revoked' };
    const addressHash = hashAddress(subscription.emailKey);
    if (await isSuppressed(tx, subscription.publicationId, addressHash)) return { kind: 'revoked' };
    const request = await findLatestRequest(tx, subscription.id);
    const choices = await choose(tx, subscription, request, input.publication, now());
    const row = await confirmAsked(tx, subscription.id, input.generation, choices, now());
    if (row === undefined) return outcomeOf(await findSubscription(tx, subscription.id));
    await forgetAsked(tx, addressHash, subscription.publicationId);
    await liftErasure(tx, addressHash, subscription.publicationId);
    const consentId = await keepProof(tx, subscription.id, input.wording, request, now());
    await enqueue(tx, 'send-welcome', { consentId }, now());
    return { kind: 'confirmed' };
  });
}

/** Choices apply only now, when the owner of the address has agreed; a wish from the form is taken if it makes sense. */
async function choose(
  tx: Tx,
  subscription: Subscription,
  request: SignUpRequest | undefined,
  publication: Publication,
  now: Date,
): Promise<Rhythm & { locale: string; watermark: number; nextDueAt: Date | null }> {
  const timezone = request?.timezone ?? null;
  const rhythm: Rhythm = {
    cadence: knownCadence(request?.cadence) ?? publication.defaultCadence,
    hour: publication.hour,
    weekday: publication.weekday,
    dayOfMonth: publication.dayOfMonth,
    timezone: timezone !== null && isTimeZone(timezone) ? timezone : publication.timezone,
  };
  const watermark = await readNumber(tx, publication.id);
  return {
    ...rhythm,
    locale: request?.locale ?? subscription.locale,
    watermark,
    nextDueAt: nextDueAt(rhythm, now),
  };
}

async function keepProof(
  tx: Tx,
  subscriptionId: string,
  wording: string,
  request: SignUpRequest | undefined,
  now: Date,
): Promise<string> {
  const wordingVersion = createHash('sha256').update(wording).digest('hex').slice(0, 16);
  await insertWording(tx, wordingVersion, wording, now);
  const consent = await insertConsent(
    tx,
    {
      subscriptionId,
      kind: 'confirmed',
      wordingVersion,
      source: request?.source ?? null,
      requestedAt: request?.createdAt ?? null,
    },
    now,
  );
  return consent.id;
}

function knownCadence(text: string | null | undefined): Cadence | undefined {
  return cadences.find((cadence) => cadence === text);
}

function outcomeOf(subscription: Subscription | undefined): Confirmation {
  const confirmed = subscription?.status === 'confirmed' || subscription?.status === 'paused';
  return { kind: confirmed ? 'already-confirmed' : 'revoked' };
}
