import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { isRowFault } from '../../platform/process/row-fault.js';
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
import { subscriptionIdsOf, type AttemptKey, type BatchKey } from '../delivery.js';
import { findLease, listExpiredLeases, listSending } from './reads.js';
import { changeIsolated, recordIsolated } from './record-isolated.js';
import { recordLateResults } from './record-late-results.js';
import { deadLeaseCutoff, OTHER_MACHINE_GRACE_MS } from './lease-renewal.js';
import { enqueueBatch } from './wake-batch.js';
import { recordAttempts } from '../record-attempts.js';
import { markUncertain, markAllUncertain, requeueAllSending, requeueSending } from '../writes.js';

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
  context: TakeOverContext,
  { lease, batch, owner }: { lease: string; batch: BatchKey; owner?: ProcessIdentity },
): Promise<void> {
  const { db, now, config } = context;
  const recovered = sealBatchJournal(config.dataDir, lease);
  if (recovered === undefined) return;
  const isWhole = owner === undefined || !isFromEarlierBoot(owner);
  const left = { lease, batch, recovered, isWhole };
  await elseOneByOne(
    () => db.transaction((tx) => recoverAttempts(tx, left, now())),
    () => recoverOneByOne(context, left),
  );
  deleteBatchJournal(config.dataDir, lease);
}

/** What a dead worker left. `isWhole` is false when the machine has been restarted since: the end of its journal may be lost. */
type LeftBatch = { lease: string; batch: BatchKey; recovered: RecoveredAttempts; isWhole: boolean };

/**
 * Results and intents of the journal count in any case. What else the batch was sending is decided here only while it is
 * still leased under this token: it is queued, because no final dot went out without an intent; or uncertain, where the
 * journal may not be whole.
 */
async function recoverAttempts(
  tx: Tx,
  { lease, batch, recovered, isWhole }: LeftBatch,
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

/**
 * The same where a row cannot be changed: in transactions of their own, the lease ended last, so that the others are recovered and
 * no worker takes the batch before.
 */
async function recoverOneByOne(
  context: TakeOverContext,
  { lease, batch, recovered, isWhole }: LeftBatch,
): Promise<void> {
  const { db, now } = context;
  await recordIsolated(context, batch, recovered.results, (part) =>
    db.transaction((tx) => recordLateResults(tx, batch, part, now())),
  );
  const isIn = (rows: readonly AttemptKey[]) => {
    const ids = new Set(subscriptionIdsOf(rows));
    return ({ subscriptionId }: AttemptKey) => ids.has(subscriptionId);
  };
  const [hasResult, hasIntent] = [isIn(recovered.results), isIn(recovered.intended)];
  const unanswered = recovered.intended.filter((row) => !hasResult(row));
  await changeIsolated(context, batch, unanswered, (tx, part) => markUncertain(tx, batch, part, now()));
  if ((await findLease(db, batch, lease)) !== undefined) {
    const rest = (await listSending(db, batch)).filter((row) => !hasResult(row) && !hasIntent(row));
    const change = isWhole ? requeueSending : markUncertain;
    await changeIsolated(context, batch, rest, (tx, part) => change(tx, batch, part, now()));
  }
  await db.transaction(async (tx) => {
    await releaseBatch(tx, batch, lease, now());
    await enqueueBatch(tx, batch, now());
  });
}

/** Leases that ran out a minute ago and whose journal no worker can read: another machine is gone, and what it sent is uncertain. */
export async function markLostBatchesUncertain(context: TakeOverContext): Promise<void> {
  const { db, now, log } = context;
  const before = new Date(now().getTime() - OTHER_MACHINE_GRACE_MS);
  const markLost = ({ leaseToken, ...batch }: ExpiredLease) =>
    db.transaction(async (tx) => {
      if ((await releaseExpiredBatch(tx, batch, leaseToken, before, now())) === 0) return;
      await markAllUncertain(tx, batch, now());
      await enqueueBatch(tx, batch, now());
      log.warn({ event: 'batch.lost', ...batch });
    });
  const markLostOneByOne = async (lease: ExpiredLease) => {
    await changeIsolated(context, lease, await listSending(db, lease), (tx, part) =>
      markUncertain(tx, lease, part, now()),
    );
    await db.transaction(async (tx) => {
      await releaseExpiredBatch(tx, lease, lease.leaseToken, before, now());
      await enqueueBatch(tx, lease, now());
    });
  };
  const leases = await listExpiredLeases(db, before);
  await runEach(
    leases.map(
      (lease) => () =>
        elseOneByOne(
          () => markLost(lease),
          () => markLostOneByOne(lease),
        ),
    ),
  );
}

type ExpiredLease = BatchKey & { leaseToken: string };

/** Together, or one by one where that fails because of a row. */
async function elseOneByOne(together: () => Promise<void>, oneByOne: () => Promise<void>): Promise<void> {
  try {
    await together();
  } catch (error) {
    if (!isRowFault(error)) throw error;
    await oneByOne();
  }
}
