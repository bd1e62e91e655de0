import { closeFinished } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import { listFailedToRetry } from '../../platform/jobs/failed-rows.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { runEach } from '../../platform/process/run-each.js';
import { listPublicationsBehindOnInstant } from '../../publications/reads.js';
import { deadLeaseCutoff } from '../batches/lease-renewal.js';
import { listIdleBatches } from '../batches/reads.js';
import { markLostBatchesUncertain, takeOverJournals } from '../batches/take-over.js';
import { noticeResendAt } from '../notices/resend-policy.js';
import { listFinishedDigests, listIdleNotices } from './reads.js';
import { repairFarTimes } from './repair-far-times.js';
import { markDeadNoticesUncertain, requeueDeadNotices } from './writes.js';

type SweepContext = Pick<Context, 'db' | 'now' | 'log' | 'config' | 'mailer'>;

const MAX_WAKE_UPS = 1000;

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
    () =>
      context.db.transaction(async (tx) => {
        await closeFinished(tx, await listFinishedDigests(tx, context.now()));
      }),
  ]);
}

/** A notice's intent is in Postgres: without one its final dot was never allowed out, with one nobody can know. */
function recoverNotices({ db, now, mailer }: SweepContext): Promise<void> {
  return db.transaction(async (tx) => {
    await requeueDeadNotices(tx, deadLeaseCutoff(now()), now());
    await markDeadNoticesUncertain(tx, deadLeaseCutoff(now()), noticeResendAt(mailer, now()), now());
  });
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
