import type { Context } from '../platform/context.js';
import type { DigestActionResult } from './actions.js';
import { updateState } from './transition-writes.js';
import { changeDigestState } from './transition.js';
import { enqueuePlanning } from './enqueue-planning.js';

/** held -> approved: its readers are planned at once, those who are due later when they are. */
export function approveDigest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<DigestActionResult> {
  return db.transaction(async (tx) => {
    const moved = await changeDigestState(tx, id, { control: 'approve', to: 'approved' });
    if (moved.kind === 'refused' && isBeingSent(moved.state)) return { kind: 'already' };
    if (moved.kind !== 'done') return moved;
    // An operator's own digest was looked at already: its planning does not ask again.
    if (moved.digest.cadence === 'operator')
      await updateState(tx, id, { from: ['approved'], to: 'sending', reason: null });
    await enqueuePlanning(tx, moved.digest, now());
    return moved;
  });
}

/** What is being sent needs no approval. */
function isBeingSent(state: string): boolean {
  return state === 'sending';
}
