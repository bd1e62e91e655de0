import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { isFromBefore, isGone, type ProcessIdentity } from '../platform/process-identity.js';
import {
  findBatchJournal,
  forgetBatchJournal,
  listJournalNames,
  sealBatchJournal,
  type FoundJournal,
  type Legacy,
} from './batch-journal.js';
import { releaseBatch, releaseDeadBatch } from './batch-writes.js';
import type { BatchKey } from './delivery.js';
import { findLease, listDeadBatches } from './batch-reads.js';
import { recordLate } from './record-late.js';
import { deadBefore, FOREIGN_GRACE_MS } from './renewing.js';
import { promiseBatch } from './wake-batch.js';
import { doubt, doubtAll, recordEndings, requeueAll } from './writes.js';

type TakeOverContext = Pick<Context, 'db' | 'now' | 'log' | 'config'>;

/**
 * Ends what workers of this data directory have left: those that are certainly gone, and those whose lease ran out. Only a
 * process with a lease's own journal may queue its deliveries again, so every worker does this for itself.
 * @throws the first error, after having tried them all: one that cannot be read does not stand in the way of the others
 */
export async function takeOverJournals(context: TakeOverContext): Promise<void> {
  const failures: unknown[] = [];
  for (const lease of listJournalNames(context.config.dataDir))
    await takeOverIfLeft(context, lease).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function takeOverIfLeft(context: TakeOverContext, lease: string): Promise<void> {
  const journal = findBatchJournal(context.config.dataDir, lease);
  if (journal === undefined || !(isGone(journal.owner) || (await isAbandoned(context, journal)))) return;
  await takeOver(context, journal);
  context.log.info({ event: 'batch.taken-over', ...journal.batch });
}

/** The lease ran out, or it is not in Postgres: not any more, or not yet, when the journal was written just now. */
async function isAbandoned({ db, now }: TakeOverContext, journal: FoundJournal): Promise<boolean> {
  const leased = await findLease(db, journal.batch, journal.lease);
  if (leased !== undefined) return leased.leasedUntil < deadBefore(now());
  return Date.now() - journal.lastWrittenAt.getTime() > FOREIGN_GRACE_MS;
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
  const isWhole = owner === undefined || !isFromBefore(owner);
  await db.transaction((tx) => inherit(tx, { lease, batch, legacy, isWhole }, now()));
  forgetBatchJournal(config.dataDir, lease);
}

/**
 * Endings and doubt count in any case. The rest is ours to decide while the batch is still leased under this name. When
 * the machine has been started anew since, the end of the journal may be lost, and it proves nothing about the rest.
 */
async function inherit(
  tx: Tx,
  { lease, batch, legacy, isWhole }: { lease: string; batch: BatchKey; legacy: Legacy; isWhole: boolean },
  now: Date,
): Promise<void> {
  const isOurs = (await releaseBatch(tx, batch, lease, now)) > 0;
  await (isOurs ? recordEndings : recordLate)(tx, batch, legacy.ended, now);
  await doubt(tx, batch, legacy.intended, now);
  if (isOurs && isWhole) await requeueAll(tx, batch, now);
  if (isOurs && !isWhole) await doubtAll(tx, batch, now);
  // The dead worker's own wake-up is still promised, and is not offered again for a minute: this one goes on at once. Also
  // where the lease was not ours: the worker may have died between beginning its journal and taking it.
  await promiseBatch(tx, batch, now);
}

/** Leases that ran out long ago and whose journal nobody brought: another machine is gone. Nobody can know what it sent. */
export async function doubtLostBatches({ db, now, log }: TakeOverContext): Promise<void> {
  const before = new Date(now().getTime() - FOREIGN_GRACE_MS);
  for (const { leaseToken, ...batch } of await listDeadBatches(db, before)) {
    await db.transaction(async (tx) => {
      if ((await releaseDeadBatch(tx, batch, leaseToken, before, now())) === 0) return;
      await doubtAll(tx, batch, now());
      await promiseBatch(tx, batch, now());
      log.warn({ event: 'batch.lost', ...batch });
    });
  }
}
