import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';
import { createFailureDetector, type FailureDetector } from './failure-detector.js';
import { createCircuitGate, type CircuitGate } from './circuit-gate.js';
import { createHalfOpenProbes, type HalfOpenProbes, type ProbeResult } from './half-open-probes.js';

/** What the answers so far ask for: a circuit to be opened, or one that was tried again to be closed or kept open. */
export type Finding = { kind: 'trouble'; circuit: NewCircuit } | ProbeResult;

/** One worker's ear for all servers. Circuits are shared by all workers; what leads to them is each worker's own. */
export type CircuitBreaker = {
  /** Takes in what became of one message. A finding, which is rare, is for `actOn`. */
  recordOutcome(transportId: number, domain: string, outcome: Outcome, now: Date): Finding | undefined;
  /** What may pass to this server now. Ask with every reading of the open circuits. */
  gate(transportId: number, circuits: readonly Circuit[], now: Date): CircuitGate;
};

export function createCircuitBreaker(): CircuitBreaker {
  const ears = new Map<number, ServerState>();
  return {
    recordOutcome: (transportId, domain, outcome, now) =>
      recordOutcome(serverStateOf(ears, transportId), domain, outcome, now),
    gate: (transportId, circuits, now) => {
      const { detector, probes } = serverStateOf(ears, transportId);
      const own = circuits.filter((circuit) => circuit.transportId === transportId);
      for (const { domain } of own) detector.reset(domain);
      probes.retainOnly(own);
      return createCircuitGate(own, probes, now);
    },
  };
}

type ServerState = { detector: FailureDetector; probes: HalfOpenProbes };

function serverStateOf(ears: Map<number, ServerState>, transportId: number): ServerState {
  const known = ears.get(transportId);
  if (known !== undefined) return known;
  const ear = { detector: createFailureDetector(transportId), probes: createHalfOpenProbes() };
  ears.set(transportId, ear);
  return ear;
}

function recordOutcome(
  { detector, probes }: ServerState,
  domain: string,
  outcome: Outcome,
  now: Date,
): Finding | undefined {
  const verdict = probes.recordReply(domain, outcome) ?? probes.recordReply(WHOLE_SERVER, outcome);
  if (verdict !== undefined) return verdict;
  const circuit = detector.recordReply(domain, outcome, now);
  return circuit === undefined ? undefined : { kind: 'trouble', circuit };
}
