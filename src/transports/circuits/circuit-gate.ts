import { isOpen, WHOLE_SERVER, type Circuit } from './circuit.js';
import { PROBE_TIMEOUT_MS, type HalfOpenProbes } from './half-open-probes.js';

/** Mail that does not go for now: until when, and because of which circuit. */
export type Blocked = { until: Date; circuit: Pick<Circuit, 'domain' | 'kind' | 'reason'> };

/** What the circuits let through to one server, as it stood when they were read. */
export type CircuitGate = {
  /** Until then nothing may be handed to it; undefined: it may be used. */
  blockedUntil: Date | undefined;
  /** How many messages are worth claiming: a few when the server itself is being tried again. */
  maxMessages: number;
  /** Asks for one message: undefined lets it pass. Every yes counts, also to a few that try. */
  admit(domain: string): Blocked | undefined;
};

/** Where only an operator can say when, it is looked at again then. */
const OPERATOR_RECHECK_MS = 15 * 60_000;

/** @param circuits those of one server */
export function createCircuitGate(
  circuits: readonly Circuit[],
  probes: HalfOpenProbes,
  now: Date,
): CircuitGate {
  const byDomain = new Map(circuits.map((circuit) => [circuit.domain, circuit]));
  const whole = byDomain.get(WHOLE_SERVER);
  const pass = (circuit: Circuit | undefined) => {
    if (circuit === undefined) return undefined;
    const until = isOpen(circuit, now) ? blockedUntil(circuit, now) : probes.admit(circuit, now);
    return until && { until, circuit };
  };
  const most = whole === undefined ? Infinity : isOpen(whole, now) ? 0 : probes.remaining(whole, now);
  return {
    maxMessages: most,
    blockedUntil: whole !== undefined && most <= 0 ? blockedUntil(whole, now) : undefined,
    admit: (domain) => pass(byDomain.get(domain)) ?? pass(whole),
  };
}

function blockedUntil(circuit: Circuit, now: Date): Date {
  if (!isOpen(circuit, now)) return new Date(now.getTime() + PROBE_TIMEOUT_MS);
  return circuit.closesAt ?? new Date(now.getTime() + OPERATOR_RECHECK_MS);
}
