import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { FinishedAttempt } from '../attempt-result.js';
import type { BatchKey } from '../delivery.js';
import { recordAttempts } from '../record-attempts.js';
import { wakeBatch } from './wake-batch.js';

/**
 * Records results that come after another worker had taken the batch over, and perhaps had finished it. Where they leave
 * something to send, the batch is woken, and a digest that was complete is open again.
 */
export async function recordLateResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  now: Date,
): Promise<void> {
  const open = rows.filter(({ result }) => result.state === 'queued' || result.state === 'deferred');
  const final = rows.filter((row) => !open.includes(row));
  if (final.length > 0) await recordAttempts(tx, batch, final, now);
  if (open.length > 0 && (await recordAttempts(tx, batch, open, now)) > 0) await reopenBatch(tx, batch, now);
}

async function reopenBatch(tx: Tx, batch: BatchKey, now: Date): Promise<void> {
  const { digestId } = batch;
  const digest = await findDigest(tx, digestId);
  if (digest?.state === 'closed') await reopenForResend(tx, digestId, now);
  await wakeBatch(tx, batch, now);
  if (digest?.state === 'cancelled') await enqueue(tx, 'cancel-deliveries', { digestId }, now);
}
