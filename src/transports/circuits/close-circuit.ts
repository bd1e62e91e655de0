import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { MAX_OPEN_MS, type Circuit } from './circuit.js';
import { findCircuit } from './reads.js';
import {
  closeCircuitsOfOthers,
  deleteClosedCircuits,
  deleteOldReached,
  markClosed,
  probeCircuitsOpenPast,
} from './writes.js';

/**
 * For an operator who says that mail may be sent there again. Workers notice with the next chunk they claim, and start
 * counting replies anew. Undefined when it was closed before.
 */
export async function closeCircuit(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  id: string,
): Promise<Circuit | undefined> {
  const circuit = await markClosed(tx, id, context.now());
  if (circuit === undefined) return undefined;
  const transport = (await findCircuit(tx, id))?.transport ?? '';
  await recordActivity(tx, context, {
    kind: 'circuit.resumed',
    publicationId: null,
    subjectId: id,
    before: { transport, domain: circuit.domain, kind: circuit.kind },
  });
  return circuit;
}

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
