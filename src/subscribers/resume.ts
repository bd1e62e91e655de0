import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { readNumber } from '../publications/sequence.js';
import { lockRested, lockResting, type Resting } from './pause-reads.js';
import { endPauses } from './pause-writes.js';
import { nextDueAt } from './rhythm.js';
import { insertConsent } from './consent-writes.js';

const CHUNK = 1000;

/** Ends her pause now. What came out meanwhile is hers only if she asked for it when she paused. */
export function resumeSubscription(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
): Promise<{ kind: 'resumed' | 'not-paused' }> {
  return db.transaction(async (tx) => {
    const reader = await lockResting(tx, subscriptionId);
    if (reader === undefined) return { kind: 'not-paused' };
    await wake(tx, [reader], now());
    await insertConsent(tx, { subscriptionId, kind: 'resumed' }, now());
    return { kind: 'resumed' };
  });
}

/** Ends every pause whose time is over. Any number of workers may do it at once, and it may stop half-way. */
export async function resumeRested({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  for (let count = CHUNK; count === CHUNK;) {
    count = await db.transaction(async (tx) => {
      const readers = await lockRested(tx, now(), CHUNK);
      await wake(tx, readers, now());
      return readers.length;
    });
  }
}

async function wake(tx: Tx, readers: readonly Resting[], now: Date): Promise<void> {
  // In id order, so that two workers take the numbers they share in the same order.
  for (const publicationId of [...new Set(readers.map((reader) => reader.publicationId))].toSorted()) {
    const group = readers.filter((reader) => reader.publicationId === publicationId);
    const newest = await readNumber(tx, publicationId);
    const due = group.map((reader) => ({ id: reader.id, nextDueAt: nextDueAt(reader, now) }));
    await endPauses(tx, due, newest);
    // What she missed does not wait for the next article.
    if (group.some(({ cadence, catchUp }) => cadence === 'instant' && catchUp))
      await enqueue(tx, 'plan-instant', { publicationId }, now);
  }
}
