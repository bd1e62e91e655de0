import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { findPublication } from '../publications/reads.js';
import { answerRequest, takeRequest } from '../subscribers/answer.js';
import { findConsent, findSubscription } from '../subscribers/reads.js';
import { confirmBy } from '../subscribers/subscription.js';
import { insertNotice } from './notice-writes.js';

const DAY_MS = 24 * 3600 * 1000;

/** Answers a sign-up: decides by the state of the address, and promises the mail that tells its owner. */
export function answerSignUp(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  requestId: string,
): Promise<void> {
  return db.transaction(async (tx) => {
    const request = await takeRequest(tx, requestId);
    const publication = request && (await findPublication(tx, request.publicationId));
    if (request === undefined || publication === undefined || publication.archivedAt !== null) return;
    const answer = await answerRequest(tx, request, publication, hashAddress, now());
    if (!('subscriptionId' in answer)) return;
    const { kind, subscriptionId } = answer;
    const expiresAt = confirmBy(request.createdAt);
    const row = { kind, causeId: requestId, publicationId: publication.id, subscriptionId, expiresAt };
    const notice = await insertNotice(tx, row, now());
    if (notice !== undefined) await enqueue(tx, 'send-notice', { noticeId: notice.id }, now());
  });
}

/** Welcomes a reader who has just confirmed. One consent, one welcome. */
export function welcome({ db, now }: Pick<Context, 'db' | 'now'>, consentId: string): Promise<void> {
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
    const notice = await insertNotice(tx, row, now());
    if (notice !== undefined) await enqueue(tx, 'send-notice', { noticeId: notice.id }, now());
  });
}
