import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { isUnreachable, WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';
import { createCircuitGate, type CircuitGate } from './circuit-gate.js';
import { createFailureDetector, type FailureDetector } from './failure-detector.js';
import { createHalfOpenProbes, type HalfOpenProbes, type ProbeResult } from './half-open-probes.js';
import { createReachability, type Reachability } from './reachability.js';

// A circuit's way: outcomes of messages -> failure detector or probes -> Finding -> applyFinding (the row in `circuits`,
// which all workers share) -> circuit gate (what each worker may send).

/** What the replies so far ask for: a circuit to be opened, or a half-open one to be closed or opened again. */
export type Finding = { kind: 'failing'; circuit: NewCircuit } | ProbeResult;

/** The circuits of all servers as one worker sees them. Rows are shared by all workers; recent replies are each worker's own. */
export type CircuitBreaker = {
  /** Takes in what became of one message. A finding, which is rare, is for `applyFinding`. */
  recordOutcome(transportId: number, domain: string, outcome: Outcome, now: Date): Finding | undefined;
  /** What may be sent to this server now. Call it each time the open circuits were read. */
  gate(transportId: number, circuits: readonly Circuit[], now: Date): CircuitGate;
};

export function createCircuitBreaker(): CircuitBreaker {
  const servers = new Map<number, ServerState>();
  return {
    recordOutcome: (transportId, domain, outcome, now) =>
      recordOutcome(serverStateOf(servers, transportId), domain, outcome, now),
    gate: (transportId, circuits, now) => {
      const { detector, probes, reachability } = serverStateOf(servers, transportId);
      const own = circuits.filter((circuit) => circuit.transportId === transportId);
      for (const { domain } of own) detector.reset(domain);
      probes.retainOnly(own);
      reachability.setCircuit(own.find(isUnreachable));
      return createCircuitGate(own, probes, now);
    },
  };
}

type ServerState = { detector: FailureDetector; probes: HalfOpenProbes; reachability: Reachability };

function serverStateOf(servers: Map<number, ServerState>, transportId: number): ServerState {
  const known = servers.get(transportId);
  if (known !== undefined) return known;
  const state = {
    detector: createFailureDetector(transportId),
    probes: createHalfOpenProbes(),
    reachability: createReachability(transportId),
  };
  servers.set(transportId, state);
  return state;
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
