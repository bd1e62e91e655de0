import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { runEach } from '../../platform/process/run-each.js';
import { isFromEarlierBoot, hasProcessEnded, type ProcessIdentity } from '../../platform/process/identity.js';
import {
  findBatchJournal,
  deleteBatchJournal,
  listJournalLeases,
  sealBatchJournal,
  type JournalInfo,
  type RecoveredAttempts,
} from './journal.js';
import { releaseBatch, releaseExpiredBatch } from './writes.js';
import type { BatchKey } from '../delivery.js';
import { findLease, listExpiredLeases } from './reads.js';
import { recordLateResults } from './record-late-results.js';
import { deadLeaseCutoff, OTHER_MACHINE_GRACE_MS } from './lease-renewal.js';
import { enqueueBatch } from './wake-batch.js';
import { recordAttempts } from '../record-attempts.js';
import { markUncertain, markAllUncertain, requeueAllSending } from '../writes.js';

type TakeOverContext = Pick<Context, 'db' | 'now' | 'log' | 'config'>;

/**
 * Takes over the batches of workers of this data directory that are certainly gone, or whose lease ran out. Only a process
 * that can read a lease's journal may queue its deliveries again, so every worker does this for its own directory.
 * @throws the first error, after having tried them all: a journal that cannot be read does not keep the others waiting
 */
export async function takeOverJournals(context: TakeOverContext): Promise<void> {
  const leases = listJournalLeases(context.config.dataDir);
  await runEach(leases.map((lease) => () => takeOverIfAbandoned(context, lease)));
}

async function takeOverIfAbandoned(context: TakeOverContext, lease: string): Promise<void> {
  const journal = findBatchJournal(context.config.dataDir, lease);
  if (journal === undefined || !(hasProcessEnded(journal.owner) || (await isAbandoned(context, journal))))
    return;
  await takeOver(context, journal);
  context.log.info({ event: 'batch.taken-over', ...journal.batch });
}

/** The lease ran out, or it is not in Postgres: not any more, or not yet, when the journal was written just now. */
async function isAbandoned({ db, now }: TakeOverContext, journal: JournalInfo): Promise<boolean> {
  const leased = await findLease(db, journal.batch, journal.lease);
  if (leased !== undefined) return leased.leasedUntil < deadLeaseCutoff(now());
  return Date.now() - journal.lastWrittenAt.getTime() > OTHER_MACHINE_GRACE_MS;
}

/**
 * Writes what a journal says to Postgres, and makes its batch due again. Once it is sealed no final dot goes out under that
 * lease, so it does not matter whether its owner is dead or only slow.
 */
export async function takeOver(
  { db, now, config }: TakeOverContext,
  { lease, batch, owner }: { lease: string; batch: BatchKey; owner?: ProcessIdentity },
): Promise<void> {
  const recovered = sealBatchJournal(config.dataDir, lease);
  if (recovered === undefined) return;
  const isWhole = owner === undefined || !isFromEarlierBoot(owner);
  await db.transaction((tx) => recoverAttempts(tx, { lease, batch, recovered, isWhole }, now()));
  deleteBatchJournal(config.dataDir, lease);
}

/**
 * Results and intents of the journal count in any case. What else the batch was sending is decided here only while it is
 * still leased under this token: it is queued, because no final dot went out without an intent. `isWhole` is false when the
 * machine has been restarted since: the end of the journal may be lost then, so all of it is uncertain.
 */
async function recoverAttempts(
  tx: Tx,
  {
    lease,
    batch,
    recovered,
    isWhole,
  }: { lease: string; batch: BatchKey; recovered: RecoveredAttempts; isWhole: boolean },
  now: Date,
): Promise<void> {
  const isOurs = (await releaseBatch(tx, batch, lease, now)) > 0;
  await (isOurs ? recordAttempts : recordLateResults)(tx, batch, recovered.results, now);
  await markUncertain(tx, batch, recovered.intended, now);
  if (isOurs && isWhole) await requeueAllSending(tx, batch, now);
  if (isOurs && !isWhole) await markAllUncertain(tx, batch, now);
  // The dead worker's own job is not done and not published again for a minute: this one wakes a worker at once. Also where
  // there is no such lease: the worker may have died after beginning its journal and before taking the lease.
  await enqueueBatch(tx, batch, now);
}

/** Leases that ran out a minute ago and whose journal no worker can read: another machine is gone, and what it sent is uncertain. */
export async function markLostBatchesUncertain({ db, now, log }: TakeOverContext): Promise<void> {
  const before = new Date(now().getTime() - OTHER_MACHINE_GRACE_MS);
  const markLost = ({ leaseToken, ...batch }: BatchKey & { leaseToken: string }) =>
    db.transaction(async (tx) => {
      if ((await releaseExpiredBatch(tx, batch, leaseToken, before, now())) === 0) return;
      await markAllUncertain(tx, batch, now());
      await enqueueBatch(tx, batch, now());
      log.warn({ event: 'batch.lost', ...batch });
    });
  const leases = await listExpiredLeases(db, before);
  await runEach(leases.map((lease) => () => markLost(lease)));
}
