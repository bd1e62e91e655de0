import type { Tx } from '../../platform/db/database.js';
import type { Circuit } from './circuit.js';
import { deleteClosedCircuits, closeCircuitById } from './writes.js';

/**
 * An operator says that mail may go there again. Workers see it with the next group they claim, and begin to count anew.
 * Undefined when it was closed before.
 */
export function closeCircuit(tx: Tx, id: string, now: Date): Promise<Circuit | undefined> {
  return closeCircuitById(tx, id, now);
}

const RETENTION_MS = 30 * 24 * 3_600_000;

/** Forgets circuits that have been closed for a month. */
export async function deleteOldCircuits(tx: Tx, now: Date): Promise<void> {
  await deleteClosedCircuits(tx, new Date(now.getTime() - RETENTION_MS));
}
