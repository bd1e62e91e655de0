import type { Db, Tx } from '../platform/db/database.js';
import { isUnreachable, type CircuitWithTransport } from '../transports/circuits/circuit.js';
import { listCircuits } from '../transports/circuits/reads.js';
import { countWaitingMail } from './reads.js';

/** Every open circuit, the oldest first; for servers that cannot be reached with how many mails wait. */
export async function listCircuitsWithMail(db: Db | Tx): Promise<CircuitWithTransport[]> {
  const circuits = await listCircuits(db);
  if (!circuits.some(isUnreachable)) return circuits;
  const waiting = await countWaitingMail(db);
  return circuits.map((circuit) => (isUnreachable(circuit) ? { ...circuit, waiting } : circuit));
}
