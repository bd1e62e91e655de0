import type { DigestActionResult } from '../../digests/transition.js';
import { resumeSending } from '../../digests/change-state.js';
import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { WHOLE_SERVER } from '../../transports/circuits/circuit.js';
import { closeCircuit } from '../../transports/circuits/close-circuit.js';
import { listCircuits } from '../../transports/circuits/reads.js';
import { clearNextAttempt, lockNextOpenBatch, type LockedBatch } from './writes.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { forEachBatch } from './for-each-batch.js';

type ControlContext = Pick<Context, 'db' | 'now'>;

/** paused -> sending. What waited because of us waits no longer; what a reader's mail server asked to wait for, does. */
export function resumeDigest({ db, now }: ControlContext, digestId: string): Promise<DigestActionResult> {
  return db.transaction(async (tx) => {
    const resumed = await resumeSending(tx, digestId);
    if (resumed.kind !== 'done') return resumed;
    if (resumed.digest.previousPausedBy === 'mail-server') await closeServerCircuits(tx, now());
    await enqueue(tx, 'resume-deliveries', { digestId, asOf: now().toISOString() }, now());
    return resumed;
  });
}

/** She has looked at what the mail servers said: those that got no mail at all get some again. */
async function closeServerCircuits(tx: Tx, now: Date): Promise<void> {
  const shut = (await listCircuits(tx)).filter(({ domain }) => domain === WHOLE_SERVER);
  for (const { id } of shut) await closeCircuit(tx, id, now);
}

/** Wakes the batches of a resumed digest. A wait that began after the operator's word is left alone. */
export async function resumeDeliveries(
  { db, now }: ControlContext,
  { digestId, asOf }: { digestId: string; asOf: string },
): Promise<void> {
  await forEachBatch({ db }, digestId, lockNextOpenBatch, async (tx, batch) => {
    if ((await findDigest(tx, digestId))?.state !== 'sending') return;
    const ended = await clearNextAttempt(tx, batch, new Date(asOf));
    if (ended > 0 || isDue(batch, now())) await wakeBatch(tx, batch, now());
  });
}

function isDue({ dueAt }: LockedBatch, now: Date): boolean {
  return dueAt !== null && dueAt <= now;
}
