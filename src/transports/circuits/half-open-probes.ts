import { MINUTE_MS } from '../../platform/durations.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { Circuit } from './circuit.js';
import { assessReply, isFailure } from './reply-health.js';

/** What the probes of a half-open circuit showed; `reason` is the server's last reply. */
export type ProbeResult = { kind: 'recovered' | 'still-failing'; circuit: Circuit; reason: string };

/** The few messages that one worker sends to one server to find out whether a half-open circuit can close. */
export type HalfOpenProbes = {
  /** Undefined means send, which uses up one probe; otherwise when to try again. */
  admit(circuit: Circuit, now: Date): Date | undefined;
  /** How many more may be sent. */
  remaining(circuit: Circuit, now: Date): number;
  /** Takes in a reply, for the domain or, by WHOLE_SERVER, for the server. */
  recordReply(domain: string, outcome: Outcome): ProbeResult | undefined;
  /** Deletes the probes of circuits that are not among these any more. */
  retainOnly(circuits: readonly Circuit[]): void;
};

/** `inFlight`: sent and without a reply. */
type Probe = { circuit: Circuit; inFlight: number; successes: number; failures: number; lastSentAt: number };

/** By the circuit's domain. */
type Probes = Map<string, Probe>;

/** So few that a server which still refuses us hardly notices; most of them decide. */
export const MAX_PROBES = 5;
const PROBE_MAJORITY = 3;
/** Replies that have not come by then are not waited for. */
export const PROBE_TIMEOUT_MS = MINUTE_MS;

export function createHalfOpenProbes(): HalfOpenProbes {
  const probes: Probes = new Map();
  return {
    remaining: (circuit, now) => remainingProbes(probeOf(probes, circuit, now)),
    admit: (circuit, now) => admit(probes, circuit, now),
    recordReply: (domain, outcome) => recordReply(probes, domain, outcome),
    retainOnly: (circuits) => {
      for (const [domain, { circuit }] of probes) {
        if (!circuits.some((other) => isSameOpening(other, circuit))) probes.delete(domain);
      }
    },
  };
}

function admit(probes: Probes, circuit: Circuit, now: Date): Date | undefined {
  const probe = probeOf(probes, circuit, now);
  if (remainingProbes(probe) <= 0) return new Date(now.getTime() + PROBE_TIMEOUT_MS);
  probes.set(circuit.domain, { ...probe, inFlight: probe.inFlight + 1, lastSentAt: now.getTime() });
  return undefined;
}

function recordReply(probes: Probes, domain: string, outcome: Outcome): ProbeResult | undefined {
  const probe = probes.get(domain);
  if (probe === undefined) return undefined;
  const health = assessReply(outcome);
  if (health === undefined) return undefined;
  probe.inFlight = Math.max(0, probe.inFlight - 1);
  if (isFailure(health)) probe.failures += 1;
  else probe.successes += 1;
  if (Math.max(probe.successes, probe.failures) < PROBE_MAJORITY) return undefined;
  probes.delete(domain);
  const kind = probe.failures >= PROBE_MAJORITY ? 'still-failing' : 'recovered';
  return { kind, circuit: probe.circuit, reason: 'reply' in outcome ? outcome.reply : '' };
}

function probeOf(probes: Probes, circuit: Circuit, now: Date): Probe {
  const known = probes.get(circuit.domain);
  if (known === undefined)
    return { circuit, inFlight: 0, successes: 0, failures: 0, lastSentAt: now.getTime() };
  return now.getTime() - known.lastSentAt > PROBE_TIMEOUT_MS ? { ...known, inFlight: 0 } : known;
}

function remainingProbes({ inFlight, successes, failures }: Probe): number {
  return MAX_PROBES - inFlight - successes - failures;
}

/** A circuit that was opened again is probed anew. */
function isSameOpening(one: Circuit, other: Circuit): boolean {
  return one.id === other.id && one.openCount === other.openCount;
}
