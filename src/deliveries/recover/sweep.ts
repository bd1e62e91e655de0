import { closeFinished } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { listPublicationsBehindOnInstant } from '../../publications/reads.js';
import { shouldResendNotices, UNCERTAIN_WAIT_MS } from '../delivery.js';
import { markDeadNoticesUncertain, requeueDeadNotices } from '../notices/writes.js';
import { listFinishedDigests } from '../reads.js';
import { listIdleBatches } from '../batches/reads.js';
import { listIdleNotices } from '../notices/reads.js';
import { deadLeaseCutoff } from '../batches/lease-renewal.js';
import { markLostBatchesUncertain, takeOverJournals } from '../batches/take-over.js';

type SweepContext = Pick<Context, 'db' | 'now' | 'log' | 'config' | 'mailer'>;

const MAX_WAKE_UPS = 1000;

/**
 * The safety net, every few seconds: takes over from dead workers, promises wake-ups that went missing, and closes what
 * is done. Whatever the queue forgets costs at most one round.
 */
export async function sweep(context: SweepContext): Promise<void> {
  await recoverNotices(context);
  // After Postgres was away for long every lease has run out: whoever is still there is asked before it counts as lost.
  await takeOverJournals(context).catch(() => {}); // the worker that does this by itself tells of trouble
  await markLostBatchesUncertain(context);
  await enqueueMissingJobs(context);
  await context.db.transaction(async (tx) => {
    await closeFinished(tx, await listFinishedDigests(tx, context.now()));
  });
}

/** A notice's intent is in Postgres: without one its dot was never allowed out, with one nobody can know. */
function recoverNotices({ db, now, mailer }: SweepContext): Promise<void> {
  const resendAt = shouldResendNotices(mailer) ? new Date(now().getTime() + UNCERTAIN_WAIT_MS) : null;
  return db.transaction(async (tx) => {
    await requeueDeadNotices(tx, deadLeaseCutoff(now()), now());
    await markDeadNoticesUncertain(tx, deadLeaseCutoff(now()), resendAt, now());
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
