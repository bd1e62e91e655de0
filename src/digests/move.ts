import type { Tx } from '../platform/db/database.js';
import { statesFor, type Control, type Controlled } from './control.js';
import { moveState, type MovedDigest } from './control-writes.js';
import type { DigestState } from './digest.js';
import { findDigest } from './reads.js';

/** Moves a digest to another state if the control fits the one it is in. Twice is as good as once. */
export async function moveDigest(
  tx: Tx,
  id: string,
  { control, to, reason = null }: { control: Control; to: DigestState; reason?: string | null },
): Promise<Controlled<{ digest: MovedDigest }>> {
  const digest = await moveState(tx, id, { from: statesFor(control), to, reason });
  if (digest !== undefined) return { kind: 'done', digest };
  const found = await findDigest(tx, id);
  if (found === undefined) return { kind: 'unknown' };
  return found.state === to ? { kind: 'already' } : { kind: 'refused', state: found.state };
}
