import { recordActivities, recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import { insertConsent } from '../consent/writes.js';
import { nextDueAt } from '../due/next-due.js';
import { lockExpiredPauses, lockPausedReader, type PausedReader } from './reads.js';
import { markPaused, markResumed } from './writes.js';

export { lowerPausedWatermarks } from './writes.js';

/** `until` null: until she resumes. `catchUp`: what is released meanwhile comes afterwards, in one digest. */
export type Pause = { until: Date | null; catchUp: boolean };

type PauseContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** Pauses a subscription from the next message on; one that is paused gets the new end. */
export function pauseSubscription(
  context: PauseContext,
  subscriptionId: string,
  pause: Pause,
): Promise<{ kind: 'paused' | 'not-subscribed' }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const row = await markPaused(tx, subscriptionId, pause, now());
    if (row === undefined) return { kind: 'not-subscribed' };
    await insertConsent(tx, { subscriptionId, kind: 'paused' }, now());
    const { publicationId } = row;
    const after = { until: pause.until?.toISOString() ?? null, catchUp: pause.catchUp };
    const subject = { publicationId, subjectId: subscriptionId };
    await recordActivity(tx, context, { kind: 'subscription.paused', ...subject, after });
    return { kind: 'paused' };
  });
}

/** Ends a pause now. */
export function resumeSubscription(
  context: PauseContext,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'not-paused' }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const reader = await lockPausedReader(tx, subscriptionId);
    if (reader === undefined) return { kind: 'not-paused' };
    await resumeReaders(tx, context, [reader]);
    await insertConsent(tx, { subscriptionId, kind: 'resumed' }, now());
    return { kind: 'resumed' };
  });
}

const CHUNK_SIZE = 1000;

/**
 * Ends every pause whose end has passed. Several workers may do so at once; one that is stopped leaves the rest to the next.
 * A reader who cannot be resumed stays paused, and is tried again later.
 */
export async function resumeExpiredPauses(context: PauseContext & Pick<Context, 'log'>): Promise<void> {
  const { db, now } = context;
  const run = await beginIsolatedRun(context, 'resume-paused');
  const except = new Set(run.waiting);
  for (let count = CHUNK_SIZE; count === CHUNK_SIZE;) {
    const { rows, failures } = await workOnRows(db, {
      lock: (tx) => lockExpiredPauses(tx, now(), [...except], CHUNK_SIZE),
      work: (tx, readers) => resumeReaders(tx, context, readers),
    });
    for (const { row, error } of failures) {
      const { id: rowId, publicationId } = row;
      await run.fail({ kind: 'subscription', rowId, publicationId }, error);
      except.add(rowId);
    }
    count = rows.length;
  }
  await run.finish();
}

async function resumeReaders(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  readers: readonly PausedReader[],
): Promise<void> {
  const now = context.now();
  // Sorted by id: two workers that share publications lock their article numbers in the same order.
  for (const publicationId of [...new Set(readers.map((reader) => reader.publicationId))].toSorted()) {
    const group = readers.filter((reader) => reader.publicationId === publicationId);
    const latest = await readLatestArticleNumber(tx, publicationId);
    const due = group.map((reader) => ({ id: reader.id, nextDueAt: nextDueAt(reader, now) }));
    await markResumed(tx, due, latest);
    // What they missed would otherwise wait for the next article.
    if (group.some(({ cadence, catchUp }) => cadence === 'instant' && catchUp))
      await enqueue(tx, 'plan-instant', { publicationId }, now);
  }
  const kind = 'subscription.resumed' as const;
  const changes = readers.map(({ id, publicationId }) => ({ kind, publicationId, subjectId: id }));
  await recordActivities(tx, context, changes);
}
