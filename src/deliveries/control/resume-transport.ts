import { restartLifetimes } from '../../digests/change-state.js';
import { listSendingDigests } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueueAll, enqueueMissing } from '../../platform/jobs/outbox.js';
import type { Circuit } from '../../transports/circuits/circuit.js';
import { closeCircuit } from '../../transports/circuits/close-circuit.js';
import { makeWaitingBatchesDue, makeWaitingNoticesDue } from './writes.js';

/**
 * Closes a circuit: mail may go again to a server, or to a domain behind it, and what waits for it is due within seconds.
 * What waits for another reason is tried too, and put off again. Digests that are paused stay paused. However long the
 * circuit was open, mails are given up three days from now at the earliest.
 * @returns undefined when the circuit was closed already
 */
export function resumeTransport(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  circuitId: string,
): Promise<Circuit | undefined> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const closed = await closeCircuit(tx, context, circuitId);
    if (closed === undefined) return undefined;
    await restartLifetimes(tx, now());
    await wakeWaitingMail(tx, now());
    return closed;
  });
}

/** A chunk that was begun before knows of the old circuit and still puts mail off: the wake-up comes after it. */
const WAKE_DELAY_MS = 5_000;

/** The sweep finds batches that are due; deliveries that wait for a time of their own are many, and a job's work. */
async function wakeWaitingMail(tx: Tx, now: Date): Promise<void> {
  await makeWaitingBatchesDue(tx, now);
  await makeWaitingNoticesDue(tx, now);
  await enqueueMissing(tx, 'sweep', [{}], now);
  const dueAt = new Date(now.getTime() + WAKE_DELAY_MS);
  const asOf = dueAt.toISOString();
  const jobs = (await listSendingDigests(tx)).map(({ id }) => ({ digestId: id, asOf }));
  await enqueueAll(tx, 'resume-deliveries', jobs, now, dueAt);
}
