import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
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
import { markUncertain, markAllUncertain, recordResults, requeueAllSending } from '../writes.js';

type TakeOverContext = Pick<Context, 'db' | 'now' | 'log' | 'config'>;

/**
 * Ends what workers of this data directory have left: those that are certainly gone, and those whose lease ran out. Only a
 * process with a lease's own journal may queue its deliveries again, so every worker does this for itself.
 * @throws the first error, after having tried them all: one that cannot be read does not stand in the way of the others
 */
export async function takeOverJournals(context: TakeOverContext): Promise<void> {
  const failures: unknown[] = [];
  for (const lease of listJournalLeases(context.config.dataDir))
    await takeOverIfAbandoned(context, lease).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
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
 * What a journal says becomes true in the ledger, and its batch is due again. From the seal on no dot goes out under that
 * lease, so it does not matter whether its owner is dead or only slow.
 */
export async function takeOver(
  { db, now, config }: TakeOverContext,
  { lease, batch, owner }: { lease: string; batch: BatchKey; owner?: ProcessIdentity },
): Promise<void> {
  const legacy = sealBatchJournal(config.dataDir, lease);
  if (legacy === undefined) return;
  const isWhole = owner === undefined || !isFromEarlierBoot(owner);
  await db.transaction((tx) => recoverAttempts(tx, { lease, batch, legacy, isWhole }, now()));
  deleteBatchJournal(config.dataDir, lease);
}

/**
 * Endings and doubt count in any case. The rest is ours to decide while the batch is still leased under this name. When
 * the machine has been started anew since, the end of the journal may be lost, and it proves nothing about the rest.
 */
async function recoverAttempts(
  tx: Tx,
  {
    lease,
    batch,
    legacy,
    isWhole,
  }: { lease: string; batch: BatchKey; legacy: RecoveredAttempts; isWhole: boolean },
  now: Date,
): Promise<void> {
  const isOurs = (await releaseBatch(tx, batch, lease, now)) > 0;
  await (isOurs ? recordResults : recordLateResults)(tx, batch, legacy.results, now);
  await markUncertain(tx, batch, legacy.intended, now);
  if (isOurs && isWhole) await requeueAllSending(tx, batch, now);
  if (isOurs && !isWhole) await markAllUncertain(tx, batch, now);
  // The dead worker's own wake-up is still promised, and is not offered again for a minute: this one goes on at once. Also
  // where the lease was not ours: the worker may have died between beginning its journal and taking it.
  await enqueueBatch(tx, batch, now);
}

/** Leases that ran out long ago and whose journal nobody brought: another machine is gone. Nobody can know what it sent. */
export async function markLostBatchesUncertain({ db, now, log }: TakeOverContext): Promise<void> {
  const before = new Date(now().getTime() - OTHER_MACHINE_GRACE_MS);
  for (const { leaseToken, ...batch } of await listExpiredLeases(db, before)) {
    await db.transaction(async (tx) => {
      if ((await releaseExpiredBatch(tx, batch, leaseToken, before, now())) === 0) return;
      await markAllUncertain(tx, batch, now());
      await enqueueBatch(tx, batch, now());
      log.warn({ event: 'batch.lost', ...batch });
    });
  }
}
