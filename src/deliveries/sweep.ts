import { closeDigests } from '../digests/close.js';
import type { Context } from '../platform/context.js';
import { enqueueMissing } from '../platform/jobs/outbox.js';
import { listBehindOnInstant } from '../publications/reads.js';
import { UNCERTAIN_WAIT_MS } from './delivery.js';
import { doubtDeadNotices, requeueDeadNotices } from './notice-writes.js';
import { listDeadBatches, listFinishedDigests, listIdleBatches, listIdleNotices } from './reads.js';
import { GRACE_MS } from './renewing.js';
import { doubtWithIntent, freeDeadBatch, requeueWithoutIntent, type BatchKey } from './writes.js';

type SweepContext = Pick<Context, 'db' | 'now' | 'mailer'>;

const MOST_WAKE_UPS = 1000;

/**
 * The safety net, every few seconds: takes over from dead workers, promises wake-ups that went missing, and closes what
 * is done. Whatever the queue forgets costs at most one round.
 */
export async function sweep(context: SweepContext): Promise<void> {
  await takeOverNotices(context);
  const dead = await listDeadBatches(context.db, deadBefore(context));
  for (const batch of dead) await takeOver(context, batch);
  await promiseMissing(context);
  await context.db.transaction(async (tx) => {
    await closeDigests(tx, await listFinishedDigests(tx, context.now()));
  });
}

/** Without an intent the dot was never allowed out, so the delivery is queued again; with one, nobody can know. */
function takeOver({ db, now }: SweepContext, batch: BatchKey): Promise<void> {
  return db.transaction(async (tx) => {
    if ((await freeDeadBatch(tx, batch, deadBefore({ now }), now())) === undefined) return;
    await requeueWithoutIntent(tx, batch, now());
    await doubtWithIntent(tx, batch, now());
  });
}

function takeOverNotices({ db, now, mailer }: SweepContext): Promise<void> {
  const resendAt = mailer.policy === 'resend' ? new Date(now().getTime() + UNCERTAIN_WAIT_MS) : null;
  return db.transaction(async (tx) => {
    await requeueDeadNotices(tx, deadBefore({ now }), now());
    await doubtDeadNotices(tx, deadBefore({ now }), resendAt, now());
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

function deadBefore({ now }: Pick<Context, 'now'>): Date {
  return new Date(now().getTime() - GRACE_MS);
}
