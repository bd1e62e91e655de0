import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { findSubscription, isSuppressed } from './reads.js';
import { nextDueAt } from './rhythm.js';
import { mayUndo } from './subscription.js';
import { deleteReason } from './leave-writes.js';
import { resumeEnded } from './writes.js';
import { insertConsent } from './consent-writes.js';

/** Takes an unsubscription of the last day back, with her choices and her place in the articles. */
export function undoUnsubscribe(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'too-late' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined || !mayUndo(subscription, now())) return { kind: 'too-late' };
    const { publicationId, emailKey, unsubscribedAt } = subscription;
    if (unsubscribedAt === null || (await isSuppressed(tx, publicationId, hashAddress(emailKey)))) {
      return { kind: 'too-late' };
    }
    const due = subscription.pausedAt === null ? nextDueAt(subscription, now()) : null;
    const row = await resumeEnded(tx, subscriptionId, unsubscribedAt, due);
    if (row === undefined) return { kind: 'too-late' };
    await deleteReason(tx, subscriptionId);
    await insertConsent(tx, { subscriptionId, kind: 'resumed' }, now());
    // What came out meanwhile does not wait for the next article.
    await enqueue(tx, 'plan-instant', { publicationId }, now());
    return { kind: 'resumed' };
  });
}
