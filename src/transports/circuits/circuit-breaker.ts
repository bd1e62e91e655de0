import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { isUnreachable, isWholeServer, WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';
import { createCircuitGate, type CircuitGate } from './circuit-gate.js';
import { createFailureDetector, type FailureDetector } from './failure-detector.js';
import { createHalfOpenProbes, type HalfOpenProbes, type ProbeResult } from './half-open-probes.js';
import {
  createReachability,
  type Reachability,
  type ReachabilityFinding,
  type Sighting,
} from './reachability.js';

// A circuit's way: outcomes of messages -> failure detector or probes -> Finding -> applyFinding (the row in `circuits`,
// which all workers share) -> circuit gate (what each worker may send).

/**
 * What the replies so far ask for: a circuit to be opened, or a half-open one to be closed or opened again. With `seenBy` it is
 * about connections, and another worker may know better.
 */
export type Finding = { kind: 'failing'; circuit: NewCircuit } | ProbeResult | ReachabilityFinding;

/** The circuits of all servers as one worker sees them. Rows are shared by all workers; recent replies are each worker's own. */
export type CircuitBreaker = {
  /** Takes in what became of one message. A finding, which is rare, is for `applyFinding`. */
  recordOutcome(transportId: number, domain: string, outcome: Outcome, now: Date): Finding | undefined;
  /** That this worker has reached a server, to be recorded for the others: every few seconds while it sends. */
  takeReport(transportId: number, now: Date): Sighting | undefined;
  /** For a server that others reach while this worker cannot: it is left alone by this worker only. */
  openOwnCircuit(transportId: number, reason: string, now: Date): void;
  /** These circuits, with this worker's own where a server has none. */
  withOwnCircuits(circuits: readonly Circuit[], transportIds: readonly number[]): Circuit[];
  /** What may be sent to this server now. Call it each time the open circuits were read. */
  gate(transportId: number, circuits: readonly Circuit[], now: Date): CircuitGate;
};

export function createCircuitBreaker(): CircuitBreaker {
  const worker = randomUUID();
  const servers = new Map<number, ServerState>();
  const stateOf = (transportId: number) => {
    const state = servers.get(transportId) ?? createServerState(transportId, worker);
    servers.set(transportId, state);
    return state;
  };
  return {
    recordOutcome: (transportId, domain, outcome, now) =>
      recordOutcome(stateOf(transportId), domain, outcome, now),
    takeReport: (transportId, now) => stateOf(transportId).reachability.takeReport(now),
    openOwnCircuit: (transportId, reason, now) =>
      stateOf(transportId).reachability.openOwnCircuit(reason, now),
    withOwnCircuits: (circuits, transportIds) => {
      const shared = new Set(circuits.filter(isWholeServer).map(({ transportId }) => transportId));
      const without = transportIds.filter((id) => !shared.has(id));
      return [...circuits, ...without.flatMap((id) => servers.get(id)?.reachability.ownCircuit() ?? [])];
    },
    gate: (transportId, circuits, now) => {
      const { detector, probes, reachability } = stateOf(transportId);
      const own = circuits.filter((circuit) => circuit.transportId === transportId);
      for (const { domain } of own) detector.reset(domain);
      probes.retainOnly(own);
      reachability.setCircuit(own.find(isUnreachable));
      return createCircuitGate(own, probes, now);
    },
  };
}

type ServerState = { detector: FailureDetector; probes: HalfOpenProbes; reachability: Reachability };

function createServerState(transportId: number, worker: string): ServerState {
  return {
    detector: createFailureDetector(transportId),
    probes: createHalfOpenProbes(),
    reachability: createReachability(transportId, worker),
  };
}

function recordOutcome(
  { detector, probes, reachability }: ServerState,
  domain: string,
  outcome: Outcome,
  now: Date,
): Finding | undefined {
  const result =
    reachability.recordOutcome(outcome, now) ??
    probes.recordReply(domain, outcome) ??
    probes.recordReply(WHOLE_SERVER, outcome);
  if (result !== undefined) return result;
  const circuit = detector.recordReply(domain, outcome, now);
  return circuit === undefined ? undefined : { kind: 'failing', circuit };
}
