import { SECOND_MS } from '../../platform/durations.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { isOpen, nextProbeAt, WHOLE_SERVER, type Circuit, type NewCircuit } from './circuit.js';

/** Which worker can reach a server or cannot, and since when that is so. */
export type Sighting = { worker: string; since: Date };

/** What one worker finds of its connections to a server. `circuit` of the last two: the open or half-open one. */
export type ReachabilityFinding =
  | { kind: 'failing'; circuit: NewCircuit; seenBy: Sighting }
  | { kind: 'still-failing' | 'recovered'; circuit: Circuit; reason: string; seenBy: Sighting };

/** Whether one server lets us connect, as the outcomes of one worker's messages show it. */
export type Reachability = {
  /** Takes in what became of one message. Returns what the circuit has to become because of it. */
  recordOutcome(outcome: Outcome, now: Date): ReachabilityFinding | undefined;
  /** That the server was reached, where the other workers have not been told for a while. */
  takeReport(now: Date): Sighting | undefined;
  /** The server's open or half-open circuit of this kind as it was read, or this worker's own; undefined: there is none. */
  setCircuit(circuit: Circuit | undefined): void;
  /** Others can connect: this worker alone leaves the server alone, longer each time, until it can. */
  openOwnCircuit(reason: string, now: Date): void;
  ownCircuit(): Circuit | undefined;
};

/** So often, at most, is it recorded that a worker reaches a server. */
const REPORT_INTERVAL_MS = 5 * SECOND_MS;

/**
 * The first connection that fails opens the circuit, since nothing can be sent without one, and the next that works closes
 * it. What one connection shows is reported once, although all the messages that waited for it end with it.
 */
export function createReachability(transportId: number, worker: string): Reachability {
  let known: Circuit | undefined;
  let own: Circuit | undefined;
  let isReported = false;
  let failingSince: Date | undefined;
  let reachedAt: Date | undefined;
  let reportedAt = -Infinity;
  const recordFailure = (reason: string, now: Date): ReachabilityFinding | undefined => {
    failingSince ??= now;
    reachedAt = undefined;
    if (isReported || (known !== undefined && isOpen(known, now))) return undefined;
    isReported = true;
    const seenBy = { worker, since: failingSince };
    return known === undefined || known === own
      ? { kind: 'failing', circuit: newCircuit(transportId, reason, now), seenBy }
      : { kind: 'still-failing', circuit: known, reason, seenBy };
  };
  const recordSuccess = (now: Date): ReachabilityFinding | undefined => {
    reachedAt = now;
    const circuit = isReported || known === own ? undefined : known;
    failingSince = own = undefined;
    if (circuit === undefined) return undefined;
    isReported = true;
    return { kind: 'recovered', circuit, reason: '', seenBy: { worker, since: now } };
  };
  return {
    recordOutcome: (outcome, now) => {
      if (outcome.kind === 'not-sent') return undefined;
      return outcome.kind === 'unreachable' ? recordFailure(outcome.reply, now) : recordSuccess(now);
    },
    takeReport: (now) => {
      if (reachedAt === undefined || now.getTime() - reportedAt < REPORT_INTERVAL_MS) return undefined;
      reportedAt = now.getTime();
      return { worker, since: reachedAt };
    },
    setCircuit: (circuit) => {
      known = circuit;
      isReported = false;
    },
    openOwnCircuit: (reason, now) => {
      const openCount = (own?.openCount ?? 0) + 1;
      const opened = { id: '', openedAt: failingSince ?? now, openCount, closedAt: null };
      const closesAt = nextProbeAt('unreachable', openCount, now);
      own = { ...newCircuit(transportId, reason, now), ...opened, closesAt };
    },
    ownCircuit: () => own,
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
