import { closeFinished } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { DAY_MS } from '../../platform/durations.js';
import { deleteFailedRows, listFailedToRetry } from '../../platform/jobs/failed-rows.js';
import { beginIsolatedRun, recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { isolateEach } from '../../platform/process/isolate-faults.js';
import { runEach } from '../../platform/process/run-each.js';
import { listPublicationsBehindOnInstant } from '../../publications/reads.js';
import { deadLeaseCutoff } from '../batches/lease-renewal.js';
import { listIdleBatches } from '../batches/reads.js';
import { markLostBatchesUncertain, takeOverJournals } from '../batches/take-over.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { noticeResendAt } from '../notices/resend-policy.js';
import { listFinishedDigests, listIdleNotices } from './reads.js';
import { repairFarTimes } from './repair-far-times.js';
import {
  lockDeadNotices,
  markDeadNoticesUncertain,
  markForgottenUncertain,
  requeueDeadNotices,
} from './writes.js';

type SweepContext = Pick<Context, 'db' | 'now' | 'log' | 'config' | 'mailer'>;

const MAX_WAKE_UPS = 1000;
const MAX_DEAD_NOTICES = 1000;

/**
 * Runs every few seconds: takes over from dead workers, enqueues jobs that are missing, and closes digests that are done.
 * Whatever the queue loses is late by one such interval at most.
 */
export function sweep(context: SweepContext): Promise<void> {
  return runEach([
    () => repairFarTimes(context),
    () => recoverNotices(context),
    // After Postgres was away for long every lease has run out: first the journals here are read, then the rest is lost.
    () =>
      takeOverJournals(context).catch((error: unknown) =>
        // Every worker takes over by itself too, and warns of its failures there.
        context.log.debug({ event: 'batch.not-taken-over', err: error }),
      ),
    () => markLostBatchesUncertain(context),
    () => enqueueMissingJobs(context),
    () => retryFailedRows(context),
    () => settleForgotten(context),
    () =>
      context.db.transaction(async (tx) => {
        const now = context.now();
        await closeFinished(tx, await listFinishedDigests(tx, now), now);
      }),
  ]);
}

/** A notice's intent is in Postgres: without one its final dot was never allowed out, with one nobody can know. */
async function recoverNotices(context: SweepContext): Promise<void> {
  const { db, now, mailer } = context;
  const run = await beginIsolatedRun(context, 'sweep');
  const where = { except: [...run.waiting], limit: MAX_DEAD_NOTICES };
  const { rows, failures } = await workOnRows(db, {
    lock: (tx) => lockDeadNotices(tx, deadLeaseCutoff(now()), where),
    work: async (tx, found) => {
      const idsOf = (isIntended: boolean) =>
        found.filter((notice) => notice.isIntended === isIntended).map(({ id }) => id);
      await requeueDeadNotices(tx, idsOf(false), now());
      await markDeadNoticesUncertain(tx, idsOf(true), noticeResendAt(mailer, now()), now());
    },
  });
  for (const { row, error } of failures)
    await run.fail({ kind: 'notice', rowId: row.id, publicationId: row.publicationId }, error);
  if (rows.length < MAX_DEAD_NOTICES) await run.finish();
}

function enqueueMissingJobs({ db, now }: SweepContext): Promise<void> {
  return db.transaction(async (tx) => {
    await enqueueMissing(tx, 'send-batch', await listIdleBatches(tx, now(), MAX_WAKE_UPS), now());
    await enqueueMissing(tx, 'send-notice', await listIdleNotices(tx, now(), MAX_WAKE_UPS), now());
    const behind = await listPublicationsBehindOnInstant(tx);
    await enqueueMissing(
      tx,
      'plan-instant',
      behind.map(({ id }) => ({ publicationId: id })),
      now(),
    );
  });
}

/** Rows that could not be processed, and that no repeating job comes upon by itself. */
function retryFailedRows({ db, now }: SweepContext): Promise<void> {
  return db.transaction(async (tx) => {
    const readers = await listFailedToRetry(tx, 'plan-instant', now());
    const publicationIds = [...new Set(readers.map(({ publicationId }) => publicationId))];
    await enqueueMissing(
      tx,
      'plan-instant',
      publicationIds.map((publicationId) => ({ publicationId })),
      now(),
    );
    const signUps = await listFailedToRetry(tx, 'answer-sign-ups', now());
    await enqueueMissing(
      tx,
      'answer-sign-ups',
      signUps.map(({ rowId }) => ({ requestIds: [rowId] })),
      now(),
    );
  });
}

/** A digest is not looked at for so long. */
const MAX_DIGEST_AGE_MS = 30 * DAY_MS;

/** What became of a mail could not be recorded, and its worker has left it: it may have arrived. */
async function settleForgotten(context: SweepContext): Promise<void> {
  const { db, now } = context;
  const since = new Date(now().getTime() - MAX_DIGEST_AGE_MS);
  const due = await listFailedToRetry(db, 'record-result', now());
  const { failures } = await isolateEach(due, ({ rowId: subscriptionId, publicationId }) =>
    db.transaction(async (tx) => {
      const batches = await markForgottenUncertain(tx, { publicationId, subscriptionId }, since, now());
      for (const batch of batches) await wakeBatch(tx, batch, now());
      await deleteFailedRows(tx, 'record-result', [subscriptionId]);
    }),
  );
  for (const { row, error } of failures)
    await recordFailedRow(context, 'record-result', { kind: 'subscription', ...row }, error);
}
