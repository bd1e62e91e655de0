import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { findPublication } from '../../publications/reads.js';
import { decideRequest } from '../../subscribers/sign-up/decide-request.js';
import { lockUndecidedRequest } from '../../subscribers/sign-up/reads.js';
import { findSubscription } from '../../subscribers/reads.js';
import { enqueueNotice } from './enqueue-notice.js';
import { confirmationDeadline } from '../../subscribers/confirm/confirm.js';
import { findConsent } from '../../subscribers/consent/reads.js';

type AnswerContext = Pick<Context, 'db' | 'now' | 'hashAddress'>;

/**
 * Answers sign-ups, each in a transaction of its own: one that cannot be answered does not keep the others waiting.
 * @throws after the last of them, when some could not be answered
 */
export async function answerSignUps(context: AnswerContext, requestIds: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const id of requestIds)
    await answerSignUp(context, id).catch((error: unknown) => failures.push(error));
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} sign-ups were not answered`);
}

/** Decides by the state of the address, and enqueues the mail to its owner. */
function answerSignUp({ db, now, hashAddress }: AnswerContext, requestId: string): Promise<void> {
  return db.transaction(async (tx) => {
    const request = await lockUndecidedRequest(tx, requestId);
    const publication = request && (await findPublication(tx, request.publicationId));
    if (request === undefined || publication === undefined || publication.archivedAt !== null) return;
    const decision = await decideRequest(tx, request, publication, hashAddress, now());
    if (!('subscriptionId' in decision)) return;
    const { kind, subscriptionId } = decision;
    const expiresAt = confirmationDeadline(now());
    const row = { kind, causeId: requestId, publicationId: publication.id, subscriptionId, expiresAt };
    await enqueueNotice(tx, row, now());
  });
}

/** Enqueues the welcome of a reader who has just confirmed: one for each consent. */
export function enqueueWelcome({ db, now }: Pick<Context, 'db' | 'now'>, consentId: string): Promise<void> {
  return db.transaction(async (tx) => {
    const consent = await findConsent(tx, consentId);
    const subscription = consent && (await findSubscription(tx, consent.subscriptionId));
    if (consent === undefined || subscription?.status !== 'confirmed') return;
    const row = {
      kind: 'welcome' as const,
      causeId: consentId,
      publicationId: subscription.publicationId,
      subscriptionId: subscription.id,
      expiresAt: new Date(consent.createdAt.getTime() + DAY_MS),
    };
    await enqueueNotice(tx, row, now());
  });
}
