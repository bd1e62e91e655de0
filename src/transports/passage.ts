import { isShut, WHOLE_SERVER, type Circuit } from './circuit.js';
import { PATIENCE_MS, type Probes } from './probes.js';

/** Mail that does not go for now: until when, and because of which circuit. */
export type LeftAlone = { until: Date; circuit: Pick<Circuit, 'domain' | 'kind' | 'reason'> };

/** What the circuits let through to one server, as it stood when they were read. */
export type Passage = {
  /** Until then nothing may be handed to it; undefined: it may be used. */
  shutUntil: Date | undefined;
  /** How many messages are worth claiming: a few when the server itself is being tried again. */
  most: number;
  /** Asks for one message: undefined lets it pass. Every yes counts, also to a few that try. */
  admit(domain: string): LeftAlone | undefined;
};

/** Where only an operator can say when, it is looked at again then. */
const UNTIL_LOOKED_AT_MS = 15 * 60_000;

/** @param circuits those of one server */
export function openPassage(circuits: readonly Circuit[], probes: Probes, now: Date): Passage {
  const byDomain = new Map(circuits.map((circuit) => [circuit.domain, circuit]));
  const whole = byDomain.get(WHOLE_SERVER);
  const pass = (circuit: Circuit | undefined) => {
    if (circuit === undefined) return undefined;
    const until = isShut(circuit, now) ? untilOf(circuit, now) : probes.admit(circuit, now);
    return until && { until, circuit };
  };
  const most = whole === undefined ? Infinity : isShut(whole, now) ? 0 : probes.left(whole, now);
  return {
    most,
    shutUntil: whole !== undefined && most <= 0 ? untilOf(whole, now) : undefined,
    admit: (domain) => pass(byDomain.get(domain)) ?? pass(whole),
  };
}

function untilOf(circuit: Circuit, now: Date): Date {
  if (!isShut(circuit, now)) return new Date(now.getTime() + PATIENCE_MS);
  return circuit.closesAt ?? new Date(now.getTime() + UNTIL_LOOKED_AT_MS);
}
