import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { MAX_OPEN_MS } from './circuit.js';
import {
  closeCircuitsOfOthers,
  deleteClosedCircuits,
  deleteOldReached,
  probeCircuitsOpenPast,
} from './writes.js';

export { closeCircuit } from './writes.js';

const RETENTION_MS = 30 * DAY_MS;

/** Deletes circuits that have been closed for 30 days, and when workers reached a server a day ago. */
export async function deleteOldCircuits(tx: Tx, now: Date): Promise<void> {
  await deleteOldReached(tx, new Date(now.getTime() - DAY_MS));
  await deleteClosedCircuits(tx, new Date(now.getTime() - RETENTION_MS));
}

/** Circuits that are to be probed later than any ever is are probed now: a clock that had jumped ahead opened them. */
export async function probeFarCircuits(tx: Tx, now: Date): Promise<void> {
  await probeCircuitsOpenPast(tx, new Date(now.getTime() + 2 * MAX_OPEN_MS), now);
}

/** For a worker that starts with a new SMTP_URL: circuits of servers that left it would stay on every dashboard. */
export async function closeFormerServers(
  db: Db,
  servers: readonly { name: string }[],
  now: Date,
): Promise<void> {
  const names = servers.map(({ name }) => name);
  await db.transaction((tx) => closeCircuitsOfOthers(tx, names, now));
}
