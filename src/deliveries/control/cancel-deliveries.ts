import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { clearBatchDue, lockNextOpenBatch, skipUnsent } from './writes.js';
import { forEachBatch } from './for-each-batch.js';

/** A worker that has just claimed a chunk is usually done with it by then. */
const RECHECK_MS = 2_000;

/**
 * Skips what was planned of a cancelled digest and not sent. Runs again while workers still have a batch leased, because
 * what they are sending may be queued again; running it twice, also at once, changes nothing more.
 */
export async function cancelDeliveries(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  digestId: string,
): Promise<void> {
  const { db, now } = context;
  if ((await findDigest(db, digestId))?.state !== 'cancelled') return;
  let isAnyLeased = false;
  const run = { operation: 'cancel-deliveries', digestId } as const;
  await forEachBatch(context, run, lockNextOpenBatch, async (tx, batch) => {
    await skipUnsent(tx, batch, now());
    if (batch.isLeased) isAnyLeased = true;
    else await clearBatchDue(tx, batch);
  });
  if (!isAnyLeased) return;
  const dueAt = new Date(now().getTime() + RECHECK_MS);
  await db.transaction((tx) => enqueue(tx, 'cancel-deliveries', { digestId }, now(), dueAt));
}
