import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { cadences, isTimeZone, type Cadence, type Publication } from '../../publications/publication.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import { findSubscription, isSuppressed } from '../reads.js';
import { findLatestRequest, type SignUpRequest } from '../request-reads.js';
import type { Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { nextDueAt } from '../due/next-due.js';
import type { Choices, Subscription } from '../subscription.js';
import { resetMailCap } from '../request-writes.js';
import { markConfirmed } from '../writes.js';
import { deleteErasureSuppression } from '../suppression/writes.js';

export type ConfirmResult = { kind: 'confirmed' } | { kind: 'already-confirmed' } | { kind: 'revoked' };

export type ConfirmInput = {
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
export function confirmSubscription(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  input: ConfirmInput,
): Promise<ConfirmResult> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, input.subscriptionId);
    if (subscription === undefined) return { kind: 'revoked' };
    const addressHash = hashAddress(subscription.emailKey);
    if (await isSuppressed(tx, subscription.publicationId, addressHash)) return { kind: 'revoked' };
    const request = await findLatestRequest(tx, subscription.id);
    const choices = input.choices ?? requestedChoices(request, input.publication);
    const row = await markConfirmed(
      tx,
      subscription.id,
      input.generation,
      {
        ...choices,
        locale: request?.locale ?? subscription.locale,
        watermark: await readLatestArticleNumber(tx, input.publication.id),
        nextDueAt: nextDueAt(choices, now()),
      },
      now(),
    );
    if (row === undefined) return resultOf(await findSubscription(tx, subscription.id));
    await resetMailCap(tx, addressHash, subscription.publicationId);
    await deleteErasureSuppression(tx, addressHash, subscription.publicationId);
    const { subscriptionId, publication, wording, origin } = input;
    const agreed = { subscriptionId, publication, wording, request, origin };
    const consentId = await recordConsent(tx, agreed, now());
    await enqueue(tx, 'send-welcome', { consentId }, now());
    return { kind: 'confirmed' };
  });
}

/** What she wished for when she signed up, where it makes sense, and the publication's own habits for the rest. */
export function requestedChoices(
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

function resultOf(subscription: Subscription | undefined): ConfirmResult {
  const confirmed = subscription?.status === 'confirmed' || subscription?.status === 'paused';
  return { kind: confirmed ? 'already-confirmed' : 'revoked' };
}
