import type { Tx } from '../../platform/db/database.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../platform/durations.js';
import { nextProbeAt, type Circuit, type NewCircuit } from './circuit.js';
import type { Finding } from './circuit-breaker.js';
import type { ReachabilityFinding } from './reachability.js';
import { awaitBounceStormTurn, isReachedByOthers, listBounceStorms } from './reads.js';
import { closeRecoveredCircuit, insertCircuit, recordReached, reopenCircuit } from './writes.js';

/**
 * What became of a finding, for the log, the digest that pauses, and the operators' alert. `only-here`: this worker cannot
 * connect, and others can; its circuit is in no row.
 */
export type CircuitChange = { kind: 'opened' | 'kept-open' | 'recovered' | 'only-here'; circuit: Circuit };

const CHANGE_KINDS = { failing: 'opened', 'still-failing': 'kept-open', recovered: 'recovered' } as const;

/** Writes a finding to its circuit's row, which all workers read. Undefined: another worker or an operator was first. */
export async function applyFinding(tx: Tx, finding: Finding, now: Date): Promise<CircuitChange | undefined> {
  if ('seenBy' in finding) {
    if (finding.kind === 'recovered') await recordReached(tx, finding.circuit.transportId, finding.seenBy);
    else if (await isReachedElsewhere(tx, finding, now)) return believeOthers(tx, finding, now);
  }
  const circuit = await changeCircuit(tx, finding, now);
  return circuit && { kind: CHANGE_KINDS[finding.kind], circuit };
}

/** A server that another worker has reached so lately has not gone away since. */
const RECENTLY_REACHED_MS = 15 * SECOND_MS;
/** And for so long one that another has reached, while this worker could not, is this worker's own trouble. */
const MAX_TRUST_MS = 10 * MINUTE_MS;

async function isReachedElsewhere(
  tx: Tx,
  { circuit, seenBy }: ReachabilityFinding,
  now: Date,
): Promise<boolean> {
  const recently = now.getTime() - RECENTLY_REACHED_MS;
  const meanwhile = Math.max(now.getTime() - MAX_TRUST_MS, seenBy.since.getTime());
  const since = new Date(Math.min(recently, meanwhile));
  return isReachedByOthers(tx, circuit.transportId, seenBy.worker, since);
}

/** Who reaches the server is right, and not who does not. */
async function believeOthers(tx: Tx, finding: ReachabilityFinding, now: Date): Promise<CircuitChange> {
  if (finding.kind === 'still-failing') await closeRecoveredCircuit(tx, finding.circuit, now);
  const opened = { id: '', openedAt: finding.seenBy.since, openCount: 1, closedAt: null };
  return { kind: 'only-here', circuit: { ...opened, ...finding.circuit } };
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
