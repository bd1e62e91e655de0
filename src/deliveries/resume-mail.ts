import { listSendingDigests } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { enqueueAll } from '../platform/jobs/outbox.js';
import type { Circuit } from '../transports/circuit.js';
import { closeCircuit } from '../transports/close-circuit.js';
import { endBatchWaits } from './control-writes.js';

/**
 * Mail may go again to a server, or to a domain behind it, that was left alone, and what waits for it is due within
 * seconds. What waits for another reason is looked at too, and put off again. Digests that are paused stay so.
 * Undefined when mail might go there already.
 */
export function resumeMail(
  { db, now }: Pick<Context, 'db' | 'now'>,
  circuitId: string,
): Promise<Circuit | undefined> {
  return db.transaction(async (tx) => {
    const closed = await closeCircuit(tx, circuitId, now());
    if (closed !== undefined) await wakeWhatWaits(tx, now());
    return closed;
  });
}

/** Workers put mail off for as long as they are at a chunk they had begun before; after that it is woken. */
const CHUNK_MS = 5_000;

/** The sweep finds batches that are due; deliveries with a time of their own are many, and a job's work. */
async function wakeWhatWaits(tx: Tx, now: Date): Promise<void> {
  await endBatchWaits(tx, now);
  const dueAt = new Date(now.getTime() + CHUNK_MS);
  const asOf = dueAt.toISOString();
  const promises = (await listSendingDigests(tx)).map(({ id }) => ({ digestId: id, asOf }));
  await enqueueAll(tx, 'resume-deliveries', promises, now, dueAt);
}
