import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { AttemptKey, BatchKey, AttemptResult } from '../delivery.js';
import { wakeBatch } from './wake-batch.js';
import { recordResults } from '../writes.js';

/**
 * Records answers that come after the batch was taken over, and perhaps after all were through with it. Where they leave
 * something to send nobody else would know of it any more: the batch is woken, and a digest that was complete is open again.
 */
export async function recordLateResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { ending: AttemptResult })[],
  now: Date,
): Promise<void> {
  const open = rows.filter(({ ending }) => ending.state === 'queued' || ending.state === 'deferred');
  const final = rows.filter((row) => !open.includes(row));
  if (final.length > 0) await recordResults(tx, batch, final, now);
  if (open.length > 0 && (await recordResults(tx, batch, open, now)) > 0) await reopenBatch(tx, batch, now);
}

async function reopenBatch(tx: Tx, batch: BatchKey, now: Date): Promise<void> {
  const { digestId } = batch;
  const digest = await findDigest(tx, digestId);
  if (digest?.state === 'closed') await reopenForResend(tx, digestId, now);
  await wakeBatch(tx, batch, now);
  if (digest?.state === 'cancelled') await enqueue(tx, 'cancel-deliveries', { digestId }, now);
}
