import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { MAX_OPEN_MS } from './circuit.js';
import { deleteClosedCircuits, probeCircuitsOpenPast } from './writes.js';

export { closeCircuit } from './writes.js';

const RETENTION_MS = 30 * DAY_MS;

/** Deletes circuits that have been closed for 30 days. */
export async function deleteOldCircuits(tx: Tx, now: Date): Promise<void> {
  await deleteClosedCircuits(tx, new Date(now.getTime() - RETENTION_MS));
}

/** Circuits that are to be probed later than any ever is are probed now: a clock that had jumped ahead opened them. */
export async function probeFarCircuits(tx: Tx, now: Date): Promise<void> {
  await probeCircuitsOpenPast(tx, new Date(now.getTime() + 2 * MAX_OPEN_MS), now);
}
