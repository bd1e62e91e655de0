import type { Db } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { advanceWatermarks } from './advance-watermarks.js';
import { nextDueAt } from './next-due.js';
import { lockReadersDueLate } from './reads.js';

/** Two months: no rhythm is longer than one. */
const MAX_DUE_IN_MS = 62 * DAY_MS;
const CHUNK_SIZE = 1000;

/** Readers whose next hour is further away than any rhythm: a clock that had jumped ahead wrote it. It is computed anew. */
export async function recomputeFarDueTimes(db: Db, now: Date): Promise<void> {
  const after = new Date(now.getTime() + MAX_DUE_IN_MS);
  for (let found = CHUNK_SIZE; found === CHUNK_SIZE;) {
    found = await db.transaction(async (tx) => {
      const readers = await lockReadersDueLate(tx, after, CHUNK_SIZE);
      await advanceWatermarks(
        tx,
        readers.map((reader) => ({ ...reader, nextDueAt: nextDueAt(reader, now) })),
      );
      return readers.length;
    });
  }
}
