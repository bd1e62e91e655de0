import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { clearBatchDue, lockNextOpenBatch, skipUnsent } from './writes.js';
import { forEachBatch } from './for-each-batch.js';

type ControlContext = Pick<Context, 'db' | 'now'>;

/** A worker that has just claimed some of it is through with them by then. */
const RECHECK_MS = 2_000;

/**
 * Lets go of what was planned of a cancelled digest. Comes back while workers still have some of it in their hands, since
 * that may return to the queue; running it again, or twice at once, skips nothing twice.
 */
export async function cancelDeliveries({ db, now }: ControlContext, digestId: string): Promise<void> {
  if ((await findDigest(db, digestId))?.state !== 'cancelled') return;
  let inHands = false;
  await forEachBatch({ db }, digestId, lockNextOpenBatch, async (tx, batch) => {
    await skipUnsent(tx, batch, now());
    if (batch.isLeased) inHands = true;
    else await clearBatchDue(tx, batch);
  });
  if (!inHands) return;
  const dueAt = new Date(now().getTime() + RECHECK_MS);
  await db.transaction((tx) => enqueue(tx, 'cancel-deliveries', { digestId }, now(), dueAt));
}
