import { skipPublishedWaiting } from '../../articles/release/decide-article.js';
import { countNextPollsAsFirst } from '../../articles/feeds/change-feeds.js';
import { cancelDigest, restartLifetimes } from '../../digests/change-state.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS, type Tx } from '../../platform/db/database.js';
import { deleteJobsBefore } from '../../platform/jobs/outbox.js';
import {
  findMailHold,
  readInstallation,
  releaseMailHold,
  type RestoreReason,
} from '../../platform/restore/installation.js';
import { advanceAllWatermarks } from '../../subscribers/due/advance-watermarks.js';
import { forEachBatch } from './for-each-batch.js';
import {
  countHeldMail,
  listDigestsBeingPlanned,
  listUnfinishedDigests,
  type HeldMailCounts,
} from './after-restore-reads.js';
import { markAllUncertain } from '../writes.js';
import {
  endLease,
  restartNoticeLifetimes,
  skipNoticesBefore,
  skipRestored,
  stopResendingBatch,
} from './after-restore-writes.js';
import { clearBatchDue, lockNextOpenBatch } from './writes.js';

type RestoreContext = Pick<Context, 'db' | 'now'>;
type DecisionContext = RestoreContext & Pick<Context, 'actor'>;
type SkipContext = DecisionContext & Pick<Context, 'log'>;

/** What is held since the database was restored, and why. */
export type HeldMail = { since: Date; reason: RestoreReason } & HeldMailCounts;

/** Undefined while nothing is held. */
export async function describeHeldMail({ db, now }: RestoreContext): Promise<HeldMail | undefined> {
  const hold = await findMailHold(db);
  if (hold === undefined) return undefined;
  const counts = await countHeldMail(db, hold.heldSince, now());
  return { since: hold.heldSince, reason: hold.heldReason, ...counts };
}

/**
 * An operator knows that nothing was mailed since the copy was made: all that was due goes out, and has as long to arrive as
 * if it were new. False: nothing was held.
 */
export function sendHeldMail(context: DecisionContext): Promise<boolean> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if (!(await endHold(tx, context, 'send'))) return false;
    await restartLifetimes(tx, now());
    await restartNoticeLifetimes(tx, now());
    return true;
  });
}

/**
 * What was due may have been mailed since the copy was made: none of it goes out. What was planned is skipped, what is
 * published counts as sent, and uncertain mails stay so. Digests that are held or paused stay, for the operator to decide.
 * The hold ends last, so that this can be run again. False: nothing was held.
 */
export async function skipHeldMail(context: SkipContext): Promise<boolean> {
  const { db, now } = context;
  const hold = await findMailHold(db);
  if (hold === undefined) return false;
  for (const { id } of await listDigestsBeingPlanned(db, now())) await cancelDigest(context, id);
  for (const { id } of await listUnfinishedDigests(db))
    await forEachBatch(
      context,
      { operation: 'cancel-deliveries', digestId: id },
      lockNextOpenBatch,
      async (tx, batch) => {
        await skipRestored(tx, batch, now());
        await endLease(tx, batch);
        await markAllUncertain(tx, batch, now());
        await stopResendingBatch(tx, batch);
        await clearBatchDue(tx, batch);
      },
    );
  const countAllAsSent = async (tx: Tx) => {
    await skipPublishedWaiting(tx, now());
    await countNextPollsAsFirst(tx, hold.heldSince);
    await advanceAllWatermarks(tx);
    await skipNoticesBefore(tx, hold.heldSince, now());
    await deleteJobsBefore(tx, ['answer-sign-ups', 'answer-link-request', 'send-welcome'], hold.heldSince);
    return endHold(tx, context, 'skip');
  };
  return db.transaction(countAllAsSent, { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
}

/** False: nothing was held. */
async function endHold(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  decision: 'send' | 'skip',
): Promise<boolean> {
  if ((await releaseMailHold(tx)) === 0) return false;
  const { id } = await readInstallation(tx);
  await recordActivity(tx, context, {
    kind: 'restore.decided',
    publicationId: null,
    subjectId: id,
    after: { decision },
  });
  return true;
}
