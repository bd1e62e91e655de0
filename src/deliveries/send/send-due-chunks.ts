import { setTimeout as sleep } from 'node:timers/promises';
import { pauseDigestByMailServer } from '../../digests/change-state.js';
import { SECOND_MS } from '../../platform/durations.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { retrySoonAt, type AttemptResult } from '../attempt-result.js';
import type { BatchJournal } from '../batches/journal.js';
import type { Lease } from '../batches/lease.js';
import { listIdleBatches } from '../batches/reads.js';
import type { BatchKey } from '../delivery.js';
import { claimChunk } from './claim-chunk.js';
import { countDue } from './reads.js';
import { createResultBuffer } from './result-buffer.js';
import { sendChunk } from './send-chunk.js';
import type { WorkerContext } from './worker-context.js';

/** The longest wait between two messages that a rate for the minute asks for, and a little more. */
const MAX_PERMIT_WAIT_MS = 65 * SECOND_MS;

/** A batch whose readers are all at slow domains waits so long for others. */
const CROWDED_WAIT_MS = 5 * SECOND_MS;

/**
 * Chunk by chunk until nothing is due, the lease is lost, this process is to stop, or its clock cannot be trusted.
 * @returns the moment before which trying again is of no use
 */
export async function sendDueChunks(
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
    crowded: new Set<string>(),
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
      if (claimRun.elsewhere.size > 0) smtpUtf8 = true;
      else if (claimRun.crowded.size === 0) return undefined;
      else if (await isOtherBatchDue(context)) return new Date(now().getTime() + CROWDED_WAIT_MS);
      claimRun.elsewhere.clear();
      claimRun.crowded.clear();
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

async function isOtherBatchDue({ db, now }: WorkerContext): Promise<boolean> {
  return (await listIdleBatches(db, now(), 1)).length > 0;
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
  { db, log, now }: WorkerContext,
  { digestId }: BatchKey,
  reason: string,
): Promise<undefined> {
  const paused = await db.transaction((tx) => pauseDigestByMailServer(tx, digestId, reason, now()));
  if (paused.kind === 'done') log.warn({ event: 'digest.paused', digestId, reason });
}
