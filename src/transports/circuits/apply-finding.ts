import type { Db, Tx } from '../../platform/db/database.js';
import { nextProbeAt, type Circuit, type NewCircuit } from './circuit.js';
import { findBounceStorm } from './reads.js';
import type { Finding } from './circuit-breaker.js';
import { closeRecoveredCircuit, insertCircuit, reopenCircuit } from './writes.js';

/** What came of a finding, for the log, the digest that pauses, and whoever has to be told. */
export type CircuitChange = { kind: 'opened' | 'kept-open' | 'recovered'; circuit: Circuit };

/** Makes a finding known to all workers. Undefined: another one was first, or an operator has said otherwise. */
export async function applyFinding(db: Db, finding: Finding, now: Date): Promise<CircuitChange | undefined> {
  const circuit = await db.transaction((tx) => applyInTransaction(tx, finding, now));
  return circuit && { kind: CHANGE_KINDS[finding.kind], circuit };
}

const CHANGE_KINDS = { trouble: 'opened', still: 'kept-open', recovered: 'recovered' } as const;

function applyInTransaction(tx: Tx, finding: Finding, now: Date): Promise<Circuit | undefined> {
  switch (finding.kind) {
    case 'trouble':
      return openCircuit(tx, finding.circuit, now);
    case 'recovered':
      return closeRecoveredCircuit(tx, finding.circuit, now);
    case 'still': {
      const { circuit, reason } = finding;
      const kind = circuit.kind === 'throttled' ? 'throttled' : 'refused';
      return reopenCircuit(tx, circuit, reason, nextProbeAt(kind, circuit.openCount + 1, now));
    }
  }
}

const DAY_MS = 24 * 3_600_000;

/** Who let the mail to a domain go on although it bounces is not asked again on the same day. */
async function openCircuit(tx: Tx, circuit: NewCircuit, now: Date): Promise<Circuit | undefined> {
  if (circuit.kind === 'bounces') {
    const dayAgo = new Date(now.getTime() - DAY_MS);
    const decided = await findBounceStorm(tx, circuit.transportId, circuit.domain, dayAgo);
    if (decided !== undefined) return undefined;
  }
  return insertCircuit(tx, circuit, now);
}
