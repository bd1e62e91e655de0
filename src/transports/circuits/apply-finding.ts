import type { Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { nextProbeAt, type Circuit, type NewCircuit } from './circuit.js';
import type { Finding } from './circuit-breaker.js';
import { awaitBounceStormTurn, listBounceStorms } from './reads.js';
import { closeRecoveredCircuit, insertCircuit, reopenCircuit } from './writes.js';

/** What became of a finding, for the log, the digest that pauses, and the operators' alert. */
export type CircuitChange = { kind: 'opened' | 'kept-open' | 'recovered'; circuit: Circuit };

const CHANGE_KINDS = { failing: 'opened', 'still-failing': 'kept-open', recovered: 'recovered' } as const;

/** Writes a finding to its circuit's row, which all workers read. Undefined: another worker or an operator was first. */
export async function applyFinding(tx: Tx, finding: Finding, now: Date): Promise<CircuitChange | undefined> {
  const circuit = await changeCircuit(tx, finding, now);
  return circuit && { kind: CHANGE_KINDS[finding.kind], circuit };
}

function changeCircuit(tx: Tx, finding: Finding, now: Date): Promise<Circuit | undefined> {
  switch (finding.kind) {
    case 'failing':
      return openCircuit(tx, finding.circuit, now);
    case 'recovered':
      return closeRecoveredCircuit(tx, finding.circuit, now);
    case 'still-failing': {
      const { circuit, reason } = finding;
      const kind = circuit.kind === 'bounces' ? 'refused' : circuit.kind;
      return reopenCircuit(tx, circuit, reason, nextProbeAt(kind, circuit.openCount + 1, now));
    }
  }
}

/** A storm of bounces that an operator has let go on is not opened again on the same day. */
async function openCircuit(tx: Tx, circuit: NewCircuit, now: Date): Promise<Circuit | undefined> {
  if (circuit.kind === 'bounces') {
    const dayAgo = new Date(now.getTime() - DAY_MS);
    await awaitBounceStormTurn(tx);
    const decided = await listBounceStorms(tx, [circuit], dayAgo);
    if (decided.length > 0) return undefined;
  }
  return insertCircuit(tx, circuit, now);
}
