import { randomUUID } from 'node:crypto';
import { pauseDigestByMailServer } from '../../digests/change-state.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { createBatchJournal, type BatchJournal } from '../batches/journal.js';
import { releaseBatch } from '../batches/writes.js';
import { claimChunk } from './claim-chunk.js';
import { retrySoon, UNCERTAIN_WAIT_MS, type BatchKey, type AttemptResult } from '../delivery.js';
import { takeLease, type Lease } from '../batches/lease.js';
import { retryDatabaseWork } from './retry-database.js';
import { readRemainingWork } from '../batches/reads.js';
import { createResultBuffer } from './result-buffer.js';
import { withLeaseRenewal } from '../batches/lease-renewal.js';
import { sendChunk } from './send-chunk.js';
import type { WorkerContext } from './worker-context.js';
import { takeOver } from '../batches/take-over.js';
import { enqueueBatch } from '../batches/wake-batch.js';

/**
 * Sends what is due of one batch. The job only wakes us; the lease makes us the one who sends, the ledger says what is
 * left, and the journal remembers what we are about to do. Running it twice, late, or beside another worker sends nothing
 * twice.
 */
export async function sendBatch(sending: WorkerContext, batch: BatchKey): Promise<void> {
  const token = randomUUID();
  const journal = createBatchJournal(sending.config.dataDir, token, batch);
  try {
    const lease = await takeLease(sending, batch, token);
    if (lease !== undefined) await sendLeased(sending, lease, journal);
  } catch (error) {
    // The lease may be ours also when taking it failed: its answer may be what got lost.
    journal.close();
    await takeOverOwnBatch(sending, { batch, lease: token });
    throw error;
  }
  journal.remove();
}

async function sendLeased(sending: WorkerContext, lease: Lease, journal: BatchJournal): Promise<void> {
  const { db, log, now } = sending;
  const renew = () => db.transaction((tx) => lease.renew(tx));
  const onTrouble = (error: unknown) =>
    log.warn({ event: 'batch.lease-not-renewed', ...lease.batch, err: error });
  const notBefore = await withLeaseRenewal(renew, onTrouble, () => sendDueChunks(sending, lease, journal));
  await db.transaction(async (tx) => {
    // Locks the batch: whoever wakes it meanwhile does so after this, and is not overwritten.
    if (!(await lease.renew(tx))) return;
    const dueAt = await computeNextDueAt(tx, sending, lease.batch, notBefore);
    await releaseBatch(tx, lease.batch, lease.token, dueAt);
    // We are asked to stop: another worker goes on at once, and need not wait for the sweep.
    if (sending.stopping.aborted && dueAt !== null && dueAt <= now())
      await enqueueBatch(tx, lease.batch, now());
  });
}

/** Chunk by chunk until nothing is due, the lease is lost, or we are asked to stop. Answers how long to leave it alone. */
async function sendDueChunks(
  sending: WorkerContext,
  lease: Lease,
  journal: BatchJournal,
): Promise<Date | undefined> {
  const { now, router, stopping } = sending;
  const recorder = createResultBuffer(sending, lease, journal);
  while (!stopping.aborted) {
    const choice = await router.chooseRoute();
    if (choice.kind === 'later') return choice.at;
    if (choice.kind === 'closed') return pauseForOpenCircuits(sending, lease.batch, choice.reason);
    const { way } = choice;
    const chunk = await claimChunk(sending, lease, way);
    await way.returnPermits(way.permits - (chunk?.claimed.length ?? 0));
    if (chunk === undefined) return undefined;
    const begun = performance.now();
    const endings = await sendChunk({ sending, lease, journal, recorder }, way, chunk);
    way.recordDuration(endings.length, performance.now() - begun);
    logHandedOver(sending, lease.batch, endings);
    await recorder.flush();
    // Nothing at all got through: the way is broken. What broke beside others that did not is tried again after them.
    const isBroken = endings.length > 0 && endings.every(wasNotAttempted);
    if (isBroken && !stopping.aborted) return retrySoon(now());
  }
  return undefined;
}

function logHandedOver({ log }: WorkerContext, batch: BatchKey, endings: readonly AttemptResult[]): void {
  const accepted = endings.filter(({ state }) => state === 'accepted').length;
  if (accepted > 0) log.info({ event: 'digest.handed-over', ...batch, accepted });
}

function wasNotAttempted({ state, nextAttemptAt }: AttemptResult): boolean {
  return state === 'queued' && nextAttemptAt === null;
}

/** Every server is left alone until somebody has looked: the digest waits for that, with the server's words. */
async function pauseForOpenCircuits(
  { db, log }: WorkerContext,
  { digestId }: BatchKey,
  reason: string,
): Promise<undefined> {
  const paused = await db.transaction((tx) => pauseDigestByMailServer(tx, digestId, reason));
  if (paused.kind === 'done') log.warn({ event: 'digest.paused', digestId, reason });
}

/** When this batch has something to do again; null when every delivery in it is final. */
async function computeNextDueAt(
  tx: Tx,
  { router, now }: WorkerContext,
  batch: BatchKey,
  notBefore: Date = now(),
): Promise<Date | null> {
  const rest = await readRemainingWork(tx, batch, await router.listResendingTransportIds(), now());
  const digest = await findDigest(tx, batch.digestId);
  const isExpired = digest === undefined || digest.expiresAt <= now();
  const times: number[] = [];
  if (rest.nextAttemptAt !== null) times.push(Math.max(rest.nextAttemptAt.getTime(), notBefore.getTime()));
  if (rest.uncertainSince !== null && !isExpired)
    times.push(rest.uncertainSince.getTime() + UNCERTAIN_WAIT_MS);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** Something broke under us: what our journal says is made true, as soon as Postgres is back. */
function takeOverOwnBatch(sending: WorkerContext, left: { batch: BatchKey; lease: string }): Promise<void> {
  // When it stays away, the next round of taking over finds the journal.
  return retryDatabaseWork(() => takeOver(sending, left)).catch(() => {});
}
