import { randomUUID } from 'node:crypto';
import { pauseDigest } from '../digests/pause.js';
import { findDigest } from '../digests/reads.js';
import type { Tx } from '../platform/db/database.js';
import { beginBatchJournal, type BatchJournal } from './batch-journal.js';
import { releaseBatch } from './batch-writes.js';
import { claimChunk } from './claim-chunk.js';
import { afterBreather, UNCERTAIN_WAIT_MS, type BatchKey, type Ending } from './delivery.js';
import { takeLease, type Lease } from './lease.js';
import { patiently } from './patience.js';
import { readRest } from './batch-reads.js';
import { createRecorder } from './recorder.js';
import { whileRenewing } from './renewing.js';
import { sendChunk } from './send-chunk.js';
import type { Sending } from './sending.js';
import { takeOver } from './take-over.js';
import { promiseBatch } from './wake-batch.js';

/**
 * Sends what is due of one batch. The job only wakes us; the lease makes us the one who sends, the ledger says what is
 * left, and the journal remembers what we are about to do. Running it twice, late, or beside another worker sends nothing
 * twice.
 */
export async function sendBatch(sending: Sending, batch: BatchKey): Promise<void> {
  const token = randomUUID();
  const journal = beginBatchJournal(sending.config.dataDir, token, batch);
  try {
    const lease = await takeLease(sending, batch, token);
    if (lease !== undefined) await sendLeased(sending, lease, journal);
  } catch (error) {
    // The lease may be ours also when taking it failed: its answer may be what got lost.
    journal.close();
    await takeOverOurselves(sending, { batch, lease: token });
    throw error;
  }
  journal.remove();
}

async function sendLeased(sending: Sending, lease: Lease, journal: BatchJournal): Promise<void> {
  const { db, log, now } = sending;
  const renew = () => db.transaction((tx) => lease.renew(tx));
  const onTrouble = (error: unknown) =>
    log.warn({ event: 'batch.lease-not-renewed', ...lease.batch, err: error });
  const notBefore = await whileRenewing(renew, onTrouble, () => sendAll(sending, lease, journal));
  await db.transaction(async (tx) => {
    // Locks the batch: whoever wakes it meanwhile does so after this, and is not overwritten.
    if (!(await lease.renew(tx))) return;
    const dueAt = await nextDue(tx, sending, lease.batch, notBefore);
    await releaseBatch(tx, lease.batch, lease.token, dueAt);
    // We are asked to stop: another worker goes on at once, and need not wait for the sweep.
    if (sending.stopping.aborted && dueAt !== null && dueAt <= now())
      await promiseBatch(tx, lease.batch, now());
  });
}

/** Chunk by chunk until nothing is due, the lease is lost, or we are asked to stop. Answers how long to leave it alone. */
async function sendAll(sending: Sending, lease: Lease, journal: BatchJournal): Promise<Date | undefined> {
  const { now, ways, stopping } = sending;
  const recorder = createRecorder(sending, lease, journal);
  while (!stopping.aborted) {
    const choice = await ways.choose();
    if (choice.kind === 'later') return choice.at;
    if (choice.kind === 'closed') return pause(sending, lease.batch, choice.reason);
    const { way } = choice;
    const chunk = await claimChunk(sending, lease, way);
    await way.giveBack(way.permits - (chunk?.claimed.length ?? 0));
    if (chunk === undefined) return undefined;
    const begun = performance.now();
    const endings = await sendChunk({ sending, lease, journal, recorder }, way, chunk);
    way.keepPace(endings.length, performance.now() - begun);
    tellOf(sending, lease.batch, endings);
    await recorder.settle();
    // Nothing at all got through: the way is broken. What broke beside others that did not is tried again after them.
    const isBroken = endings.length > 0 && endings.every(isUntouched);
    if (isBroken && !stopping.aborted) return afterBreather(now());
  }
  return undefined;
}

function tellOf({ log }: Sending, batch: BatchKey, endings: readonly Ending[]): void {
  const accepted = endings.filter(({ state }) => state === 'accepted').length;
  if (accepted > 0) log.info({ event: 'digest.handed-over', ...batch, accepted });
}

function isUntouched({ state, nextAttemptAt }: Ending): boolean {
  return state === 'queued' && nextAttemptAt === null;
}

/** Every server is left alone until somebody has looked: the digest waits for that, with the server's words. */
async function pause({ db, log }: Sending, { digestId }: BatchKey, reason: string): Promise<undefined> {
  const paused = await db.transaction((tx) => pauseDigest(tx, digestId, reason));
  if (paused.kind === 'done') log.warn({ event: 'digest.paused', digestId, reason });
}

/** When this batch has something to do again; null when every delivery in it is final. */
async function nextDue(
  tx: Tx,
  { ways, now }: Sending,
  batch: BatchKey,
  notBefore: Date = now(),
): Promise<Date | null> {
  const rest = await readRest(tx, batch, await ways.thatResend(), now());
  const digest = await findDigest(tx, batch.digestId);
  const isExpired = digest === undefined || digest.expiresAt <= now();
  const times: number[] = [];
  if (rest.nextAttemptAt !== null) times.push(Math.max(rest.nextAttemptAt.getTime(), notBefore.getTime()));
  if (rest.doubtfulSince !== null && !isExpired) times.push(rest.doubtfulSince.getTime() + UNCERTAIN_WAIT_MS);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** Something broke under us: what our journal says is made true, as soon as Postgres is back. */
function takeOverOurselves(sending: Sending, left: { batch: BatchKey; lease: string }): Promise<void> {
  // When it stays away, the next round of taking over finds the journal.
  return patiently(() => takeOver(sending, left)).catch(() => {});
}
