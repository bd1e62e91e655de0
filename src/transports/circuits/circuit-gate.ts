import { MINUTE_MS } from '../../platform/durations.js';
import { isOpen, isUnreachable, WHOLE_SERVER, type Circuit } from './circuit.js';
import { PROBE_TIMEOUT_MS, type HalfOpenProbes } from './half-open-probes.js';

/** Mail that is not sent for now: until when, and because of which circuit. */
export type Blocked = { until: Date; circuit: Pick<Circuit, 'domain' | 'kind' | 'reason'> };

/** What may be sent to one server, by its circuits as they were when they were read. */
export type CircuitGate = {
  /** Nothing may be sent to the server until then; undefined: it may be used. */
  blockedUntil: Date | undefined;
  /** How many messages are worth claiming: a few when the server itself is half-open. */
  maxMessages: number;
  /**
   * Asks for one message: undefined means send; otherwise when to try again. While half-open, each permission uses up one
   * of five probes.
   */
  admit(domain: string): Blocked | undefined;
};

/** How often a circuit is read again that only an operator can close. */
const OPERATOR_RECHECK_MS = 15 * MINUTE_MS;

/** @param circuits those of one server */
export function createCircuitGate(
  circuits: readonly Circuit[],
  probes: HalfOpenProbes,
  now: Date,
): CircuitGate {
  const byDomain = new Map(circuits.map((circuit) => [circuit.domain, circuit]));
  const ofServer = byDomain.get(WHOLE_SERVER);
  // A message is asked for when there is a connection: then the server is reachable.
  const asked = ofServer !== undefined && isUnreachable(ofServer) ? undefined : ofServer;
  const admit = (circuit: Circuit | undefined) => {
    if (circuit === undefined) return undefined;
    const until = isOpen(circuit, now) ? blockedUntil(circuit, now) : probes.admit(circuit, now);
    return until && { until, circuit };
  };
  const maxMessages = ofServer === undefined ? Infinity : maxMessagesOf(ofServer, probes, now);
  return {
    maxMessages,
    blockedUntil: ofServer !== undefined && maxMessages <= 0 ? blockedUntil(ofServer, now) : undefined,
    admit: (domain) => admit(byDomain.get(domain)) ?? admit(asked),
  };
}

function maxMessagesOf(circuit: Circuit, probes: HalfOpenProbes, now: Date): number {
  if (isOpen(circuit, now)) return 0;
  return isUnreachable(circuit) ? 1 : probes.remaining(circuit, now);
}

function blockedUntil(circuit: Circuit, now: Date): Date {
  if (!isOpen(circuit, now)) return new Date(now.getTime() + PROBE_TIMEOUT_MS);
  return circuit.closesAt ?? new Date(now.getTime() + OPERATOR_RECHECK_MS);
}
