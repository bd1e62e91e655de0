import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Controlled } from './control.js';
import { moveDigest } from './move.js';
import { wakePlanner } from './wake-planner.js';

/** approved, held, sending or paused -> cancelled, for good. What was planned of it is let go by a promised job. */
export async function cancelMailing(tx: Tx, id: string, now: Date): Promise<Controlled> {
  const moved = await moveDigest(tx, id, { control: 'cancel', to: 'cancelled' });
  if (moved.kind !== 'done') return moved;
  await enqueue(tx, 'cancel-deliveries', { digestId: id }, now);
  // Nobody was planned for a held one: its readers are moved on to their next.
  if (moved.digest.was === 'held') await wakePlanner(tx, moved.digest, now);
  return moved;
}
