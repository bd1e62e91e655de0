import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { insertConsent } from '../consent/writes.js';
import { deleteLeaveReasons } from './writes.js';
import { nextDueAt } from '../due/next-due.js';
import type { Subscription } from '../subscription.js';
import { markRestored } from '../writes.js';

/**
 * An ended subscription begins again as it was, with her choices and her place in the articles: what she missed meanwhile
 * comes. False when it has changed since it was read.
 */
export async function restoreSubscription(tx: Tx, subscription: Subscription, now: Date): Promise<boolean> {
  const { id, publicationId, unsubscribedAt, pausedAt } = subscription;
  if (unsubscribedAt === null) return false;
  const due = pausedAt === null ? nextDueAt(subscription, unsubscribedAt) : null;
  if ((await markRestored(tx, id, unsubscribedAt, due)) === undefined) return false;
  await deleteLeaveReasons(tx, [id]);
  await insertConsent(tx, { subscriptionId: id, kind: 'resumed' }, now);
  // What came out meanwhile does not wait for the next article.
  await enqueue(tx, 'plan-instant', { publicationId }, now);
  return true;
}
