import type { DigestActionResult } from '../../digests/transition.js';
import { resumeSending, restartLifetimes } from '../../digests/change-state.js';
import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { isWholeServer } from '../../transports/circuits/circuit.js';
import { closeCircuit } from '../../transports/circuits/close-circuit.js';
import { listCircuits } from '../../transports/circuits/reads.js';
import { clearNextAttempt, lockNextOpenBatch, type LockedBatch } from './writes.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { forEachBatch, type ControlContext } from './for-each-batch.js';

/** paused -> sending, with a lifetime that begins now. Queued deliveries are due at once; deferred ones wait as long as their readers' servers asked. */
export function resumeDigest(context: ControlContext, digestId: string): Promise<DigestActionResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const resumed = await resumeSending(tx, context, digestId);
    if (resumed.kind !== 'done') return resumed;
    if (resumed.digest.previousPausedBy === 'mail-server') await closeServerCircuits(tx, context);
    await enqueue(tx, 'resume-deliveries', { digestId, asOf: now().toISOString() }, now());
    return resumed;
  });
}

/** The operator has seen what the mail servers said: those that got no mail at all get some again. */
async function closeServerCircuits(tx: Tx, context: Pick<Context, 'actor' | 'now'>): Promise<void> {
  const open = (await listCircuits(tx)).filter(isWholeServer);
  for (const { id } of open) await closeCircuit(tx, context, id);
  if (open.length > 0) await restartLifetimes(tx, context.now());
}

/**
 * Wakes the batches of a resumed digest.
 * @param asOf ISO 8601; deliveries that have changed since go on waiting
 */
export async function resumeDeliveries(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  { digestId, asOf }: { digestId: string; asOf: string },
): Promise<void> {
  const { now } = context;
  const run = { operation: 'resume-deliveries', digestId } as const;
  await forEachBatch(context, run, lockNextOpenBatch, async (tx, batch) => {
    if ((await findDigest(tx, digestId))?.state !== 'sending') return;
    const cleared = await clearNextAttempt(tx, batch, new Date(asOf));
    if (cleared > 0 || isDue(batch, now())) await wakeBatch(tx, batch, now());
  });
}

function isDue({ dueAt }: LockedBatch, now: Date): boolean {
  return dueAt !== null && dueAt <= now;
}
