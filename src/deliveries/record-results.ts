import type { Tx } from '../platform/db/database.js';
import type { FinishedAttempt } from './attempt-result.js';
import { countEach, countMoved, type CountedAs } from './count-moved.js';
import type { BatchKey } from './delivery.js';
import { listWritten, type WrittenResult } from './reads.js';
import { writeResults } from './writes.js';

/**
 * sending -> how each attempt ended. A late reply resolves an uncertain delivery, if it is of the same attempt.
 * @returns how many deliveries were moved
 */
export async function recordResults(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  now: Date,
): Promise<number> {
  const recorded = await writeResults(tx, batch, rows, 'sending', now);
  const written =
    recorded === rows.length ? rows.map(({ result }) => result) : await listWritten(tx, batch, rows);
  if (written.length !== recorded)
    throw new Error(`${recorded} results were written, and ${written.length} found`);
  await countMoved(
    tx,
    batch,
    countEach(written, (row) => ({ from: 'sending', to: countedAs(row) })),
  );
  return recorded === rows.length ? recorded : recorded + (await recordLate(tx, batch, rows, now));
}

/** uncertain -> how each attempt ended. */
async function recordLate(
  tx: Tx,
  batch: BatchKey,
  rows: readonly FinishedAttempt[],
  now: Date,
): Promise<number> {
  let recorded = 0;
  for (const { to } of countEach(rows, ({ result }) => ({ to: countedAs(result) }))) {
    if (to === 'uncertain') continue;
    const alike = rows.filter(({ result }) => String(countedAs(result)) === String(to));
    const count = await writeResults(tx, batch, alike, 'uncertain', now);
    await countMoved(tx, batch, [{ from: 'uncertain', to, count }]);
    recorded += count;
  }
  return recorded;
}

function countedAs({ state, skipReason }: WrittenResult): CountedAs {
  return skipReason === null ? state : ['skipped', skipReason];
}
