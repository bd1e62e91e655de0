import { listSendingDigests } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { enqueueAll } from '../platform/jobs/outbox.js';
import type { Circuit } from '../transports/circuit.js';
import { closeCircuit } from '../transports/close-circuit.js';

/** Workers put mail off for as long as they are at a chunk they had begun before; by then they have read it anew. */
const CHUNK_MS = 5_000;

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
    if (closed === undefined) return undefined;
    const dueAt = new Date(now().getTime() + CHUNK_MS);
    const asOf = dueAt.toISOString();
    const waiting = (await listSendingDigests(tx)).map(({ id }) => ({ digestId: id, asOf }));
    await enqueueAll(tx, 'resume-deliveries', waiting, now(), dueAt);
    return closed;
  });
}
