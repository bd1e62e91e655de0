import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { deleteClosedCircuits } from './writes.js';

export { closeCircuit } from './writes.js';

const RETENTION_MS = 30 * DAY_MS;

/** Deletes circuits that have been closed for 30 days. */
export async function deleteOldCircuits(tx: Tx, now: Date): Promise<void> {
  await deleteClosedCircuits(tx, new Date(now.getTime() - RETENTION_MS));
}
