import type { Context } from '../../platform/context.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import { DAY_MS } from '../../platform/durations.js';
import { beginIsolatedRun, runForRow } from '../../platform/jobs/isolated-run.js';
import { findPublication } from '../../publications/reads.js';
import { decideRequest } from '../../subscribers/sign-up/decide-request.js';
import { findSignUpRequest, lockUndecidedRequest } from '../../subscribers/sign-up/reads.js';
import { findSubscription } from '../../subscribers/reads.js';
import { enqueueNotice } from './enqueue-notice.js';
import { confirmationDeadline } from '../../subscribers/confirm/confirm.js';
import { findConsent } from '../../subscribers/consent/reads.js';

type AnswerContext = Pick<Context, 'db' | 'now' | 'log' | 'hashAddress'>;

/**
 * Answers sign-ups, each in a transaction of its own: one that cannot be answered does not keep the others waiting, and is
 * tried again later.
 * @throws after the last of them, when some could not be answered for a reason that is not theirs
 */
export async function answerSignUps(context: AnswerContext, requestIds: readonly string[]): Promise<void> {
  const run = await beginIsolatedRun(context, 'answer-sign-ups');
  const failures: unknown[] = [];
  for (const id of requestIds.filter((one) => !run.waiting.has(one))) {
    try {
      await answerSignUp(context, id);
      await run.succeed([id]);
    } catch (error) {
      const request = isRowFault(error) ? await findSignUpRequest(context.db, id) : undefined;
      if (request === undefined) failures.push(error);
      else await run.fail({ kind: 'sign-up', rowId: id, publicationId: request.publicationId }, error);
    }
  }
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

/** Enqueues the welcome of a reader who has just confirmed: one for each consent that was not taken back. */
export async function enqueueWelcome(
  context: Pick<Context, 'db' | 'now' | 'log'>,
  consentId: string,
): Promise<void> {
  const { db, now } = context;
  const consent = await findConsent(db, consentId);
  const subscription = consent && (await findSubscription(db, consent.subscriptionId));
  if (consent === undefined || consent.takenBackAt !== null || subscription?.status !== 'confirmed') return;
  const { id: subscriptionId, publicationId } = subscription;
  const expiresAt = new Date(consent.createdAt.getTime() + DAY_MS);
  const row = { kind: 'welcome' as const, causeId: consentId, publicationId, subscriptionId, expiresAt };
  const failing = { kind: 'subscription' as const, rowId: subscriptionId, publicationId };
  await runForRow(context, 'send-welcome', failing, () =>
    db.transaction((tx) => enqueueNotice(tx, row, now())),
  );
}
