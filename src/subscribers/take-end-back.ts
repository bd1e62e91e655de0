import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { insertConsent } from './consent-writes.js';
import { deleteReasons } from './leave-writes.js';
import { nextDueAt } from './rhythm.js';
import type { Subscription } from './subscription.js';
import { resumeEnded } from './writes.js';

/**
 * An ended subscription begins again as it was, with her choices and her place in the articles: what she missed meanwhile
 * comes. False when it has changed since it was read.
 */
export async function takeEndBack(tx: Tx, subscription: Subscription, now: Date): Promise<boolean> {
  const { id, publicationId, unsubscribedAt, pausedAt } = subscription;
  if (unsubscribedAt === null) return false;
  const due = pausedAt === null ? nextDueAt(subscription, unsubscribedAt) : null;
  if ((await resumeEnded(tx, id, unsubscribedAt, due)) === undefined) return false;
  await deleteReasons(tx, [id]);
  await insertConsent(tx, { subscriptionId: id, kind: 'resumed' }, now);
  // What came out meanwhile does not wait for the next article.
  await enqueue(tx, 'plan-instant', { publicationId }, now);
  return true;
}
