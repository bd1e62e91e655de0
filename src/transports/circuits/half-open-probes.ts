import { assessReply } from './reply-health.js';
import { isFailure, type Circuit } from './circuit.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';

/** How a circuit fared whose time to be tried again had come. */
export type ProbeResult = { kind: 'recovered' | 'still'; circuit: Circuit; reason: string };

/** The few messages that one worker sends to find out whether a circuit can close. */
export type HalfOpenProbes = {
  /** Undefined: this one goes. Otherwise the answers to those that went are awaited first. */
  admit(circuit: Circuit, now: Date): Date | undefined;
  /** How many more may go. */
  remaining(circuit: Circuit, now: Date): number;
  /** Takes in an answer, for the domain or, by the empty name, for the whole server. */
  recordReply(domain: string, outcome: Outcome): ProbeResult | undefined;
  /** Forgets those whose circuit is not among these any more. */
  retainOnly(circuits: readonly Circuit[]): void;
};

/** `underWay`: gone and not answered. */
type Probe = { circuit: Circuit; inFlight: number; successes: number; failures: number; lastSentAt: number };

/** So few that a server which still refuses us hardly notices; most of them decide. */
const MAX_PROBES = 5;
const PROBE_MAJORITY = 3;
/** Answers that do not come are not waited for longer. */
export const PROBE_TIMEOUT_MS = 60_000;

export function createHalfOpenProbes(): HalfOpenProbes {
  const probes = new Map<string, Probe>();

  function probeOf(circuit: Circuit, now: Date): Probe {
    const known = probes.get(circuit.domain);
    if (known === undefined) {
      return { circuit, inFlight: 0, successes: 0, failures: 0, lastSentAt: now.getTime() };
    }
    return now.getTime() - known.lastSentAt > PROBE_TIMEOUT_MS ? { ...known, inFlight: 0 } : known;
  }

  const left = (circuit: Circuit, now: Date) => {
    const { inFlight, successes, failures } = probeOf(circuit, now);
    return MAX_PROBES - inFlight - successes - failures;
  };
  return {
    remaining: left,
    admit: (circuit, now) => {
      if (left(circuit, now) <= 0) return new Date(now.getTime() + PROBE_TIMEOUT_MS);
      const probe = probeOf(circuit, now);
      probes.set(circuit.domain, { ...probe, inFlight: probe.inFlight + 1, lastSentAt: now.getTime() });
      return undefined;
    },
    recordReply: (domain, outcome) => {
      const probe = probes.get(domain);
      const answer = assessReply(outcome);
      if (probe === undefined || answer === undefined) return undefined;
      probe.inFlight = Math.max(0, probe.inFlight - 1);
      if (isFailure(answer)) probe.failures += 1;
      else probe.successes += 1;
      if (Math.max(probe.successes, probe.failures) < PROBE_MAJORITY) return undefined;
      probes.delete(domain);
      const reason = 'reply' in outcome ? outcome.reply : '';
      return {
        kind: probe.failures >= PROBE_MAJORITY ? 'still' : 'recovered',
        circuit: probe.circuit,
        reason,
      };
    },
    retainOnly: (circuits) => {
      for (const [domain, { circuit }] of probes) {
        if (!circuits.some((one) => isSameOpening(one, circuit))) probes.delete(domain);
      }
    },
  };
}

/** Opened again, it is tried anew. */
function isSameOpening(one: Circuit, other: Circuit): boolean {
  return one.id === other.id && one.openCount === other.openCount;
}
