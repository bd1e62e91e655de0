import type { Tx } from '../platform/db/database.js';
import { closeFinished, endInstantPlanning, endPlanning } from './writes.js';

/** Closes digests whose every delivery is final, unless a reader has joined one since its batches were looked at. */
export async function closeDigests(tx: Tx, digests: { id: string; lastBatch: number }[]): Promise<void> {
  if (digests.length > 0) await closeFinished(tx, digests);
}

/** Every instant reader has been planned up to this article number. */
export async function recordInstantPlanned(
  tx: Tx,
  publicationId: string,
  seq: number,
  now: Date,
): Promise<void> {
  await endInstantPlanning(tx, publicationId, seq, now);
}

/** An operator's digest has found all its readers. */
export async function recordDigestPlanned(tx: Tx, digestId: string, now: Date): Promise<void> {
  await endPlanning(tx, digestId, now);
}
