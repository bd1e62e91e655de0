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

/** Pauses a subscription from the next message on; one that is paused gets the new end. */
export function pauseSubscription(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  pause: Pause,
): Promise<{ kind: 'paused' | 'not-subscribed' }> {
  return db.transaction(async (tx) => {
    const row = await markPaused(tx, subscriptionId, pause, now());
    if (row === undefined) return { kind: 'not-subscribed' };
    await insertConsent(tx, { subscriptionId, kind: 'paused' }, now());
    return { kind: 'paused' };
  });
}

/** Ends a pause now. */
export function resumeSubscription(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'not-paused' }> {
  return db.transaction(async (tx) => {
    const reader = await lockPausedReader(tx, subscriptionId);
    if (reader === undefined) return { kind: 'not-paused' };
    await resumeReaders(tx, [reader], now());
    await insertConsent(tx, { subscriptionId, kind: 'resumed' }, now());
    return { kind: 'resumed' };
  });
}

const CHUNK_SIZE = 1000;

/**
 * Ends every pause whose end has passed. Several workers may do so at once; one that is stopped leaves the rest to the next.
 * A reader who cannot be resumed stays paused, and is tried again later.
 */
export async function resumeExpiredPauses(context: Pick<Context, 'db' | 'log' | 'now'>): Promise<void> {
  const { db, now } = context;
  const run = await beginIsolatedRun(context, 'resume-paused');
  const except = new Set(run.waiting);
  for (let count = CHUNK_SIZE; count === CHUNK_SIZE;) {
    const { rows, failures } = await workOnRows(db, {
      lock: (tx) => lockExpiredPauses(tx, now(), [...except], CHUNK_SIZE),
      work: (tx, readers) => resumeReaders(tx, readers, now()),
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

async function resumeReaders(tx: Tx, readers: readonly PausedReader[], now: Date): Promise<void> {
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
}
