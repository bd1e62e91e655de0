import { cancelMailing } from '../digests/cancel.js';
import type { Controlled } from '../digests/control.js';
import { findDigest } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { layBatchToRest, lockOpenBatch, skipUnsent } from './control-writes.js';
import { walkBatches } from './walk-batches.js';

type ControlContext = Pick<Context, 'db' | 'now'>;

/** A worker that has just claimed some of it is through with them by then. */
const AGAIN_MS = 2_000;

/** Nobody else is sent this digest. What is on the wire finishes, what is in doubt stays so, and it cannot be undone. */
export function cancelDigest({ db, now }: ControlContext, digestId: string): Promise<Controlled> {
  return db.transaction((tx) => cancelMailing(tx, digestId, now()));
}

/**
 * Lets go of what was planned of a cancelled digest. Comes back while workers still have some of it in their hands, since
 * that may return to the queue; running it again, or twice at once, skips nothing twice.
 */
export async function cancelDeliveries({ db, now }: ControlContext, digestId: string): Promise<void> {
  if ((await findDigest(db, digestId))?.state !== 'cancelled') return;
  let inHands = false;
  await walkBatches({ db }, digestId, lockOpenBatch, async (tx, batch) => {
    await skipUnsent(tx, batch, now());
    if (batch.isLeased) inHands = true;
    else await layBatchToRest(tx, batch);
  });
  if (!inHands) return;
  const dueAt = new Date(now().getTime() + AGAIN_MS);
  await db.transaction((tx) => enqueue(tx, 'cancel-deliveries', { digestId }, now(), dueAt));
}
