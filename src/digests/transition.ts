import type { Tx } from '../platform/db/database.js';
import { statesAllowing, type DigestAction, type DigestActionResult } from './actions.js';
import { updateState, type ChangedDigest } from './transition-writes.js';
import type { DigestState } from './digest.js';
import { findDigest } from './reads.js';

/** Moves a digest to another state if the control fits the one it is in. Twice is as good as once. */
export async function changeDigestState(
  tx: Tx,
  id: string,
  { control, to, reason = null }: { control: DigestAction; to: DigestState; reason?: string | null },
): Promise<DigestActionResult<{ digest: ChangedDigest }>> {
  const digest = await updateState(tx, id, { from: statesAllowing(control), to, reason });
  if (digest !== undefined) return { kind: 'done', digest };
  const found = await findDigest(tx, id);
  if (found === undefined) return { kind: 'unknown' };
  return found.state === to ? { kind: 'already' } : { kind: 'refused', state: found.state };
}
