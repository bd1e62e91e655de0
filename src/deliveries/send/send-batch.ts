import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pauseDigestByMailServer } from '../../digests/change-state.js';
import { isExpired } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { SECOND_MS } from '../../platform/durations.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { retrySoonAt, type AttemptResult } from '../attempt-result.js';
import { createBatchJournal, type BatchJournal } from '../batches/journal.js';
import { withLeaseRenewal } from '../batches/lease-renewal.js';
import { takeLease, type Lease } from '../batches/lease.js';
import { takeOver } from '../batches/take-over.js';
import { enqueueBatch } from '../batches/wake-batch.js';
import { releaseBatch } from '../batches/writes.js';
import { UNCERTAIN_WAIT_MS, type BatchKey } from '../delivery.js';
import { claimChunk } from './claim-chunk.js';
import { countDue, readRemainingWork } from './reads.js';
import { createResultBuffer } from './result-buffer.js';
import { retryDatabaseWork } from './retry-database.js';
import { sendChunk } from './send-chunk.js';
import type { WorkerContext } from './worker-context.js';

/** The longest wait between two messages that a rate for the minute asks for, and a little more. */
const MAX_PERMIT_WAIT_MS = 65 * SECOND_MS;

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

/**
 * Chunk by chunk until nothing is due, the lease is lost, this process is to stop, or its clock cannot be trusted.
 * @returns the moment before which trying again is of no use
 */
async function sendDueChunks(
  context: WorkerContext,
  lease: Lease,
  journal: BatchJournal,
): Promise<Date | undefined> {
  const { now, router, stopping, clock } = context;
  const results = createResultBuffer(context, lease, journal);
  const claimRun = {
    ...(await beginIsolatedRun(context, 'send-batch')),
    failed: new Set<string>(),
    elsewhere: new Set<string>(),
  };
  const composeRun = await beginIsolatedRun(context, 'compose', { tryAll: true });
  const countWaiting = (atMost: number) => countDue(context.db, lease.batch, atMost, now());
  // Only when nothing else is left: then what other servers could not take goes through one that can.
  let smtpUtf8 = false;
  while (!stopping.aborted && clock.isTrusted()) {
    const choice = await router.chooseRoute(countWaiting, smtpUtf8);
    if (choice.kind === 'wait') {
      if (choice.isForPermits && (await waitForPermits(context, choice.until))) continue;
      return choice.until;
    }
    if (choice.kind === 'all-blocked') return pauseForOpenCircuits(context, lease.batch, choice.reason);
    const { route } = choice;
    const chunk = await claimChunk(context, lease, route, claimRun);
    await route.returnPermits(route.permits - (chunk?.claimed.length ?? 0));
    if (chunk === undefined) {
      if (claimRun.elsewhere.size === 0) return undefined;
      claimRun.elsewhere.clear();
      smtpUtf8 = true;
      continue;
    }
    const begunAt = performance.now();
    const sent = await sendChunk({ context, lease, journal, results, composeRun }, route, chunk);
    route.recordDuration(sent.length, performance.now() - begunAt);
    logAccepted(context, lease.batch, sent);
    await results.flush();
    // Nothing at all got through: the route is broken. What broke beside others that did not is tried again after them.
    const isBroken = sent.length > 0 && sent.every(wasNotAttempted);
    if (isBroken && !stopping.aborted) return retrySoonAt(now());
  }
  return undefined;
}

/**
 * A wait that is shorter than finding the batch again would take.
 * @returns false where it is longer, or this process is to stop: others may have the batch meanwhile
 */
async function waitForPermits({ now, stopping }: WorkerContext, until: Date): Promise<boolean> {
  const wait = until.getTime() - now().getTime();
  if (wait > MAX_PERMIT_WAIT_MS) return false;
  await sleep(Math.max(0, wait), undefined, { signal: stopping }).catch(() => {});
  return !stopping.aborted;
}

function logAccepted({ log }: WorkerContext, batch: BatchKey, results: readonly AttemptResult[]): void {
  const accepted = results.filter(({ state }) => state === 'accepted').length;
  if (accepted > 0) log.info({ event: 'digest.handed-over', ...batch, accepted });
}

function wasNotAttempted({ state, nextAttemptAt }: AttemptResult): boolean {
  return state === 'queued' && nextAttemptAt === null;
}

/** Every server's circuit is open until an operator has looked: the digest waits for that, with the server's words. */
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
