import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { cadences, isTimeZone, type Cadence, type Publication } from '../publications/publication.js';
import { readNumber } from '../publications/sequence.js';
import { findSubscription, isSuppressed } from './reads.js';
import { findLatestRequest, type SignUpRequest } from './request-reads.js';
import type { Origin } from './evidence.js';
import { keepProof } from './keep-proof.js';
import { nextDueAt } from './rhythm.js';
import type { Choices, Subscription } from './subscription.js';
import { forgetAsked } from './request-writes.js';
import { confirmAsked } from './writes.js';
import { liftErasure } from './suppression-writes.js';

export type Confirmation = { kind: 'confirmed' } | { kind: 'already-confirmed' } | { kind: 'revoked' };

export type Confirming = {
  subscriptionId: string;
  generation: number;
  publication: Publication;
  /** The text beside the button, as she read it. */
  wording: string;
  /** What she chose on the page; what she wished for in the form, when absent. */
  choices?: Choices;
  /** Where the button was pressed; kept only where the publication wants that proof. */
  origin?: Origin;
};

/**
 * Confirms a subscription, keeps the proof (the very words she agreed to, the page and the times), and promises a
 * welcome. She is due what is released from now on. Pressing twice is one confirmation.
 */
export function confirm(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  input: Confirming,
): Promise<Confirmation> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, input.subscriptionId);
    if (subscription === undefined) return { kind: 'revoked' };
    const addressHash = hashAddress(subscription.emailKey);
    if (await isSuppressed(tx, subscription.publicationId, addressHash)) return { kind: 'revoked' };
    const request = await findLatestRequest(tx, subscription.id);
    const choices = input.choices ?? wishedChoices(request, input.publication);
    const row = await confirmAsked(
      tx,
      subscription.id,
      input.generation,
      {
        ...choices,
        locale: request?.locale ?? subscription.locale,
        watermark: await readNumber(tx, input.publication.id),
        nextDueAt: nextDueAt(choices, now()),
      },
      now(),
    );
    if (row === undefined) return outcomeOf(await findSubscription(tx, subscription.id));
    await forgetAsked(tx, addressHash, subscription.publicationId);
    await liftErasure(tx, addressHash, subscription.publicationId);
    const { subscriptionId, publication, wording, origin } = input;
    const agreed = { subscriptionId, publication, wording, request, origin };
    const consentId = await keepProof(tx, agreed, now());
    await enqueue(tx, 'send-welcome', { consentId }, now());
    return { kind: 'confirmed' };
  });
}

/** What she wished for when she signed up, where it makes sense, and the publication's own habits for the rest. */
export function wishedChoices(
  wish: Pick<SignUpRequest, 'cadence' | 'timezone' | 'topics'> | undefined,
  publication: Publication,
): Choices {
  const { defaultCadence, hour, weekday, dayOfMonth, topics } = publication;
  const timezone = wish?.timezone ?? null;
  return {
    cadence: knownCadence(wish?.cadence) ?? defaultCadence,
    hour,
    weekday,
    dayOfMonth,
    timezone: timezone !== null && isTimeZone(timezone) ? timezone : publication.timezone,
    topics: topics.filter((topic) => wish?.topics.includes(topic)),
  };
}

function knownCadence(text: string | null | undefined): Cadence | undefined {
  return cadences.find((cadence) => cadence === text);
}

function outcomeOf(subscription: Subscription | undefined): Confirmation {
  const confirmed = subscription?.status === 'confirmed' || subscription?.status === 'paused';
  return { kind: confirmed ? 'already-confirmed' : 'revoked' };
}
