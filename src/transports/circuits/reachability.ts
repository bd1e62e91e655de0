import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { isOpen, nextProbeAt, WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';
import type { ProbeResult } from './half-open-probes.js';

/** Whether one server lets us connect, as the outcomes of one worker's messages show it. */
export type Reachability = {
  /** Takes in what became of one message. Returns what the circuit has to become because of it. */
  recordOutcome(
    outcome: Outcome,
    now: Date,
  ): { kind: 'failing'; circuit: NewCircuit } | ProbeResult | undefined;
  /** The server's open or half-open circuit of this kind as it was read; undefined: there is none. */
  setCircuit(circuit: Circuit | undefined): void;
};

/**
 * The first connection that fails opens the circuit, since nothing can be sent without one, and the next that works closes
 * it. What one connection shows is reported once, although all the messages that waited for it end with it.
 */
export function createReachability(transportId: number): Reachability {
  let known: Circuit | undefined;
  let isReported = false;
  const failing = (reason: string, now: Date) => {
    if (known !== undefined && isOpen(known, now)) return undefined;
    isReported = true;
    return known === undefined
      ? ({ kind: 'failing', circuit: newCircuit(transportId, reason, now) } as const)
      : ({ kind: 'still-failing', circuit: known, reason } as const);
  };
  return {
    recordOutcome: (outcome, now) => {
      if (isReported) return undefined;
      if (outcome.kind === 'unreachable') return failing(outcome.reply, now);
      if (known === undefined || outcome.kind === 'not-sent') return undefined;
      isReported = true;
      return { kind: 'recovered', circuit: known, reason: '' };
    },
    setCircuit: (circuit) => {
      known = circuit;
      isReported = false;
    },
  };
}

function newCircuit(transportId: number, reason: string, now: Date): NewCircuit {
  const closesAt = nextProbeAt('unreachable', 1, now);
  return {
    transportId,
    domain: WHOLE_SERVER,
    kind: 'unreachable',
    reason,
    replyCount: 1,
    failureCount: 1,
    closesAt,
  };
}
