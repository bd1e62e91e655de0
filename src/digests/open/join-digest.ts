import type { Tx } from '../../platform/db/database.js';
import { computeExpiry, type DigestState } from '../digest.js';
import { reopen } from '../change-state.js';
import { incrementLastBatch } from './writes.js';

export { endInstantPlanning, endPlanning } from './writes.js';

/**
 * Readers have joined: whoever is about to close the digest sees it, and a closed one is reopened. However late they come,
 * their mails have as long to arrive as those of the readers before them. Its row stays locked
 * until the transaction ends, so this comes last, and for several digests in the order of their keys.
 * @returns its state before; to a cancelled one nothing is sent, and the caller skips these readers
 */
export async function recordBatchJoined(
  tx: Tx,
  digest: { id: string; closesAt: Date | null },
  now: Date,
): Promise<DigestState> {
  const expiresAt = computeExpiry(digest.closesAt, now);
  const { state } = await incrementLastBatch(tx, digest.id, expiresAt);
  if (state === 'closed') await reopen(tx, digest.id, expiresAt, now);
  return state;
}
