import type { Tx } from '../platform/db/database.js';
import { lockSequence, advanceInstantPlanned, advanceSequence, lockSequenceForShare } from './writes.js';

/**
 * Gives the next `count` article numbers of a publication. Its row stays locked until the transaction ends, so no
 * smaller number can appear after a larger one was read.
 * @returns the first number, or undefined when the publication is archived: nothing is released there any more
 */
export async function assignArticleNumbers(
  tx: Tx,
  publicationId: string,
  count: number,
): Promise<number | undefined> {
  const row = await lockSequence(tx, publicationId);
  if (row === undefined || row.archivedAt !== null) return undefined;
  await advanceSequence(tx, publicationId, row.lastSeq + count);
  return row.lastSeq + 1;
}

/** Notes that every instant reader has been planned up to this number. */
export async function recordInstantPlanned(tx: Tx, publicationId: string, seq: number): Promise<void> {
  await advanceInstantPlanned(tx, publicationId, seq);
}

/**
 * The number of the newest released article. A release under way is waited for, and none happens until the
 * transaction ends: what a reader confirms against is exactly what was out.
 */
export async function readLatestArticleNumber(tx: Tx, publicationId: string): Promise<number> {
  return (await lockSequenceForShare(tx, publicationId)).lastSeq;
}
