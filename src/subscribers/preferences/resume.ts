import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { readLatestArticleNumber } from '../../publications/article-numbers.js';
import { lockExpiredPauses, lockPausedReader, type PausedReader } from './pause-reads.js';
import { markResumed } from './pause-writes.js';
import { nextDueAt } from '../due/next-due.js';
import { insertConsent } from '../consent/writes.js';

const CHUNK_SIZE = 1000;

/** Ends her pause now. What came out meanwhile is hers only if she asked for it when she paused. */
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

/** Ends every pause whose time is over. Any number of workers may do it at once, and it may stop half-way. */
export async function resumeExpiredPauses({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  for (let count = CHUNK_SIZE; count === CHUNK_SIZE;) {
    count = await db.transaction(async (tx) => {
      const readers = await lockExpiredPauses(tx, now(), CHUNK_SIZE);
      await resumeReaders(tx, readers, now());
      return readers.length;
    });
  }
}

async function resumeReaders(tx: Tx, readers: readonly PausedReader[], now: Date): Promise<void> {
  // In id order, so that two workers take the numbers they share in the same order.
  for (const publicationId of [...new Set(readers.map((reader) => reader.publicationId))].toSorted()) {
    const group = readers.filter((reader) => reader.publicationId === publicationId);
    const newest = await readLatestArticleNumber(tx, publicationId);
    const due = group.map((reader) => ({ id: reader.id, nextDueAt: nextDueAt(reader, now) }));
    await markResumed(tx, due, newest);
    // What she missed does not wait for the next article.
    if (group.some(({ cadence, catchUp }) => cadence === 'instant' && catchUp))
      await enqueue(tx, 'plan-instant', { publicationId }, now);
  }
}
