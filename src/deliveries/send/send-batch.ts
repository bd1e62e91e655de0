import { randomUUID } from 'node:crypto';
import { isExpired } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { createBatchJournal, type BatchJournal } from '../batches/journal.js';
import { withLeaseRenewal } from '../batches/lease-renewal.js';
import { takeLease, type Lease } from '../batches/lease.js';
import { takeOver } from '../batches/take-over.js';
import { enqueueBatch } from '../batches/wake-batch.js';
import { releaseBatch } from '../batches/writes.js';
import { UNCERTAIN_WAIT_MS, type BatchKey } from '../delivery.js';
import { readRemainingWork } from './reads.js';
import { retryDatabaseWork } from './retry-database.js';
import { sendDueChunks } from './send-due-chunks.js';
import type { WorkerContext } from './worker-context.js';

/**
 * Sends what is due of one batch. The job is only a wake-up: the lease decides which worker sends, the rows in Postgres say
 * what is left, and the journal has what may have gone out. Running it twice, late, or beside another worker sends nothing
 * twice.
 */
export async function sendBatch(context: WorkerContext, batch: BatchKey): Promise<void> {
  const token = randomUUID();
  const journal = createBatchJournal(context.config.dataDir, token, batch);
  try {
    const lease = await takeLease(context, batch, token);
    if (lease !== undefined) await sendLeased(context, lease, journal);
  } catch (error) {
    // The lease may be ours also when taking it failed: Postgres may have granted it, and its reply got lost.
    journal.close();
    await takeOverOwnBatch(context, { batch, lease: token });
    throw error;
  }
  journal.remove();
}

async function sendLeased(context: WorkerContext, lease: Lease, journal: BatchJournal): Promise<void> {
  const { db, log, now } = context;
  const renew = () => db.transaction((tx) => lease.renew(tx));
  const onFailure = (error: unknown) =>
    log.warn({ event: 'batch.lease-not-renewed', ...lease.batch, err: error });
  const notBefore = await withLeaseRenewal(renew, onFailure, () => sendDueChunks(context, lease, journal));
  await db.transaction(async (tx) => {
    // Locks the batch: whoever wakes it meanwhile does so after this, and is not overwritten.
    if (!(await lease.renew(tx))) return;
    const dueAt = await computeNextDueAt(tx, context, lease.batch, notBefore);
    await releaseBatch(tx, lease.batch, lease.token, dueAt);
    // This process is stopping: another worker goes on at once, and need not wait for the sweep.
    if (context.stopping.aborted && dueAt !== null && dueAt <= now())
      await enqueueBatch(tx, lease.batch, now());
  });
}

/** When this batch has something to do again; null when every delivery in it is final. */
async function computeNextDueAt(
  tx: Tx,
  context: WorkerContext,
  batch: BatchKey,
  notBefore: Date = context.now(),
): Promise<Date | null> {
  const { router, now } = context;
  const remaining = await readRemainingWork(tx, batch, await router.listResendingTransportIds(), now());
  const digest = await findDigest(tx, batch.digestId);
  const isOver = digest === undefined || isExpired(digest, context);
  const times: number[] = [];
  if (remaining.nextAttemptAt !== null)
    times.push(Math.max(remaining.nextAttemptAt.getTime(), notBefore.getTime()));
  if (remaining.uncertainSince !== null && !isOver)
    times.push(remaining.uncertainSince.getTime() + UNCERTAIN_WAIT_MS);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** What the journal of a batch that failed under us says is written to Postgres as soon as that is back. */
async function takeOverOwnBatch(
  context: WorkerContext,
  left: { batch: BatchKey; lease: string },
): Promise<void> {
  try {
    await retryDatabaseWork(() => takeOver(context, left));
  } catch (error) {
    // Postgres stays away: the next take-over, every few seconds in every worker, finds the journal.
    context.log.warn({ event: 'batch.not-taken-over', ...left.batch, err: error });
  }
}
