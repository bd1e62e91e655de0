import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { DigestActionResult } from './actions.js';
import { changeDigestState } from './transition.js';
import { enqueuePlanning } from './enqueue-planning.js';

/** approved, held, sending or paused -> cancelled, for good. What was planned of it is let go by a promised job. */
export async function markCancelled(tx: Tx, id: string, now: Date): Promise<DigestActionResult> {
  const moved = await changeDigestState(tx, id, { control: 'cancel', to: 'cancelled' });
  if (moved.kind !== 'done') return moved;
  await enqueue(tx, 'cancel-deliveries', { digestId: id }, now);
  // Nobody was planned for a held one: its readers are moved on to their next.
  if (moved.digest.was === 'held') await enqueuePlanning(tx, moved.digest, now);
  return moved;
}
