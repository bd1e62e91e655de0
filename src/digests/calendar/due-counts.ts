import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS, type Db, type Tx } from '../../platform/db/database.js';
import { listPublications } from '../../publications/reads.js';
import { readReaderCounts } from '../../subscribers/counts/reads.js';
import { countDueMoments, type DueMoment } from '../../subscribers/due/reads.js';
import type { DueCount } from './due-count.js';
import { periodOf } from './period.js';
import { listDueCounts } from './reads.js';
import { replaceDueCounts } from './writes.js';

/** A newsletter with fewer readers is counted whenever somebody asks: that takes milliseconds. */
const MAX_COUNTED_AT_ONCE = 20_000;

/**
 * When the readers of a publication are due, the next first. With many readers it is what `countDueReaders` found: who has
 * been mailed since is in it no more for the moments that have passed, and who came since is not in it yet.
 */
export async function readDueCounts(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
  maxCountedAtOnce = MAX_COUNTED_AT_ONCE,
): Promise<DueCount[]> {
  const isSmall = await hasFewReaders(db, publicationId, maxCountedAtOnce);
  const counts = isSmall ? await countDue(db, publicationId) : await listDueCounts(db, publicationId);
  return counts.filter(({ dueAt }) => dueAt > now());
}

/** For pages of newsletters with many readers: counts when they are due. Run again it counts again. */
export async function countDueReaders(
  { db }: Pick<Context, 'db'>,
  maxCountedAtOnce = MAX_COUNTED_AT_ONCE,
): Promise<void> {
  for (const { id } of await listPublications(db)) {
    const isSmall = await hasFewReaders(db, id, maxCountedAtOnce);
    await db.transaction(async (tx) => replaceDueCounts(tx, id, isSmall ? [] : await countDue(tx, id)), {
      statementLimitMs: LONG_STATEMENT_LIMIT_MS,
    });
  }
}

/** By the kept numbers: to count them takes as long as what is to be spared. */
async function hasFewReaders(db: Db, publicationId: string, max: number): Promise<boolean> {
  const { daily, weekly, monthly } = (await readReaderCounts(db, publicationId)).byCadence;
  return daily + weekly + monthly <= max;
}

async function countDue(db: Db | Tx, publicationId: string): Promise<DueCount[]> {
  return toDueCounts(await countDueMoments(db, publicationId));
}

/** Readers of several time zones who are due at the same moment are mostly in the same digest. */
function toDueCounts(moments: readonly DueMoment[]): DueCount[] {
  const counts = new Map<string, DueCount>();
  for (const { cadence, timezone, dueAt, readers } of moments) {
    const { key: period, closesAt } = periodOf(cadence, timezone, dueAt);
    const key = `${cadence} ${period} ${dueAt.getTime()}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { cadence, period, dueAt, closesAt, readers });
    else known.readers += readers;
  }
  return [...counts.values()].toSorted((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
}
