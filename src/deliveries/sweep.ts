import { closeDigests } from '../digests/close.js';
import type { Context } from '../platform/context.js';
import { enqueueMissing } from '../platform/jobs/outbox.js';
import { listBehindOnInstant } from '../publications/reads.js';
import { resendsNotices, UNCERTAIN_WAIT_MS } from './delivery.js';
import { doubtDeadNotices, requeueDeadNotices } from './notice-writes.js';
import { listFinishedDigests } from './reads.js';
import { listIdleBatches } from './batch-reads.js';
import { listIdleNotices } from './notice-reads.js';
import { deadBefore } from './renewing.js';
import { doubtLostBatches, takeOverJournals } from './take-over.js';

type SweepContext = Pick<Context, 'db' | 'now' | 'log' | 'config' | 'mailer'>;

const MOST_WAKE_UPS = 1000;

/**
 * The safety net, every few seconds: takes over from dead workers, promises wake-ups that went missing, and closes what
 * is done. Whatever the queue forgets costs at most one round.
 */
export async function sweep(context: SweepContext): Promise<void> {
  await takeOverNotices(context);
  // After Postgres was away for long every lease has run out: whoever is still there is asked before it counts as lost.
  await takeOverJournals(context).catch(() => {}); // the worker that does this by itself tells of trouble
  await doubtLostBatches(context);
  await promiseMissing(context);
  await context.db.transaction(async (tx) => {
    await closeDigests(tx, await listFinishedDigests(tx, context.now()));
  });
}

/** A notice's intent is in Postgres: without one its dot was never allowed out, with one nobody can know. */
function takeOverNotices({ db, now, mailer }: SweepContext): Promise<void> {
  const resendAt = resendsNotices(mailer) ? new Date(now().getTime() + UNCERTAIN_WAIT_MS) : null;
  return db.transaction(async (tx) => {
    await requeueDeadNotices(tx, deadBefore(now()), now());
    await doubtDeadNotices(tx, deadBefore(now()), resendAt, now());
  });
}

function promiseMissing({ db, now }: SweepContext): Promise<void> {
  return db.transaction(async (tx) => {
    await enqueueMissing(tx, 'send-batch', await listIdleBatches(tx, now(), MOST_WAKE_UPS), now());
    await enqueueMissing(tx, 'send-notice', await listIdleNotices(tx, now(), MOST_WAKE_UPS), now());
    const behind = await listBehindOnInstant(tx);
    await enqueueMissing(
      tx,
      'plan-instant',
      behind.map(({ id }) => ({ publicationId: id })),
      now(),
    );
  });
}
