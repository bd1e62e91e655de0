import { answerOf } from './answer.js';
import { isTrouble, type Circuit } from './circuit.js';
import type { Outcome } from '../platform/mail/outcome.js';

/** How a circuit fared whose time to be tried again had come. */
export type Verdict = { kind: 'recovered' | 'still'; circuit: Circuit; reason: string };

/** The few messages that one worker sends to find out whether a circuit can close. */
export type Probes = {
  /** Undefined: this one goes. Otherwise the answers to those that went are awaited first. */
  admit(circuit: Circuit, now: Date): Date | undefined;
  /** How many more may go. */
  left(circuit: Circuit, now: Date): number;
  /** Takes in an answer, for the domain or, by the empty name, for the whole server. */
  hear(domain: string, outcome: Outcome): Verdict | undefined;
  /** Forgets those whose circuit is not among these any more. */
  keepOnly(circuits: readonly Circuit[]): void;
};

/** `underWay`: gone and not answered. */
type Probe = { circuit: Circuit; underWay: number; good: number; bad: number; at: number };

/** So few that a server which still refuses us hardly notices; most of them decide. */
const FEW = 5;
const MOST_OF_THEM = 3;
/** Answers that do not come are not waited for longer. */
export const PATIENCE_MS = 60_000;

export function createProbes(): Probes {
  const probes = new Map<string, Probe>();

  function probeOf(circuit: Circuit, now: Date): Probe {
    const known = probes.get(circuit.domain);
    if (known === undefined) {
      return { circuit, underWay: 0, good: 0, bad: 0, at: now.getTime() };
    }
    return now.getTime() - known.at > PATIENCE_MS ? { ...known, underWay: 0 } : known;
  }

  const left = (circuit: Circuit, now: Date) => {
    const { underWay, good, bad } = probeOf(circuit, now);
    return FEW - underWay - good - bad;
  };
  return {
    left,
    admit: (circuit, now) => {
      if (left(circuit, now) <= 0) return new Date(now.getTime() + PATIENCE_MS);
      const probe = probeOf(circuit, now);
      probes.set(circuit.domain, { ...probe, underWay: probe.underWay + 1, at: now.getTime() });
      return undefined;
    },
    hear: (domain, outcome) => {
      const probe = probes.get(domain);
      const answer = answerOf(outcome);
      if (probe === undefined || answer === undefined) return undefined;
      probe.underWay = Math.max(0, probe.underWay - 1);
      if (isTrouble(answer)) probe.bad += 1;
      else probe.good += 1;
      if (Math.max(probe.good, probe.bad) < MOST_OF_THEM) return undefined;
      probes.delete(domain);
      const reason = 'answer' in outcome ? outcome.answer : '';
      return { kind: probe.bad >= MOST_OF_THEM ? 'still' : 'recovered', circuit: probe.circuit, reason };
    },
    keepOnly: (circuits) => {
      for (const [domain, { circuit }] of probes) {
        if (!circuits.some((one) => isSame(one, circuit))) probes.delete(domain);
      }
    },
  };
}

/** Opened again, it is tried anew. */
function isSame(one: Circuit, other: Circuit): boolean {
  return one.id === other.id && one.tries === other.tries;
}
