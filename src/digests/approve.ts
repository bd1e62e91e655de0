import type { Context } from '../platform/context.js';
import type { Controlled } from './control.js';
import { moveState } from './control-writes.js';
import { moveDigest } from './move.js';
import { wakePlanner } from './wake-planner.js';

/** held -> approved: its readers are planned at once, those who are due later when they are. */
export function approveDigest({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<Controlled> {
  return db.transaction(async (tx) => {
    const moved = await moveDigest(tx, id, { control: 'approve', to: 'approved' });
    if (moved.kind === 'refused' && hasBegun(moved.state)) return { kind: 'already' };
    if (moved.kind !== 'done') return moved;
    // An operator's own digest was looked at already: its planning does not ask again.
    if (moved.digest.cadence === 'operator')
      await moveState(tx, id, { from: ['approved'], to: 'sending', reason: null });
    await wakePlanner(tx, moved.digest, now());
    return moved;
  });
}

/** What is being sent needs no approval. */
function hasBegun(state: string): boolean {
  return state === 'sending';
}
