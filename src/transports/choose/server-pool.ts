import type { Db } from '../../platform/db/database.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { createCircuitBreaker, type CircuitBreaker, type Finding } from '../circuits/circuit-breaker.js';
import type { CircuitGate } from '../circuits/circuit-gate.js';
import { isOpen, isUnreachable, isWholeServer, type Circuit } from '../circuits/circuit.js';
import { listOpenCircuits } from '../circuits/reads.js';
import { recordReached } from '../circuits/writes.js';
import { limitProviders } from '../provider-limits/limit-gate.js';
import { listProviderLimits } from '../provider-limits/reads.js';
import { takePermits, type Granted } from '../limits/permits.js';
import type { RegisteredTransport } from '../transport.js';
import { chooseTransport, initialRoundRobinState, type RoundRobinState } from './weighted-round-robin.js';

/** Where the next messages may be sent, or when to ask again. */
export type ServerChoice<Transport> =
  | { kind: 'send'; transport: Transport; permits: Granted; gate: CircuitGate }
  /** `circuits`: those of whole servers, where they are what blocks; empty while it is only limits. */
  | { kind: 'wait'; until: Date; circuits: Circuit[] };

/** Which server a notice goes to; or, where none lets us in, when to ask again, with one of their circuits. */
export type NoticeChoice<Transport> =
  | { kind: 'send'; transport: Transport }
  | { kind: 'wait'; until: Date; circuit: Circuit; transport: Transport };

/** All servers of SMTP_URL as one worker uses them: whose turn it is, and which circuits its replies ask for. */
export type ServerPool<Transport extends RegisteredTransport> = {
  /**
   * Chooses a server and takes permits for at most `wanted` messages. Two queries where nothing is limited or blocked.
   * @param among the servers that may be chosen; all where it is left out
   */
  chooseServer(wanted: number, now: Date, among?: readonly Transport[]): Promise<ServerChoice<Transport>>;
  /** Chooses a server whatever the limits: a person waits. Where all refuse us, one is tried all the same. */
  chooseForNotice(now: Date, among?: readonly Transport[]): Promise<NoticeChoice<Transport>>;
  /** Takes in what became of one message. A finding, which is rare, is for `applyFinding`. */
  recordOutcome(transport: Transport, domain: string, outcome: Outcome, now: Date): Finding | undefined;
  /** Tells the other workers, every few seconds, that this one has reached a server. */
  reportReached(transport: Transport, now: Date): Promise<void>;
  /** Others reach this server and this worker does not: it leaves the server alone for a while. */
  openOwnCircuit(transport: Transport, reason: string, now: Date): void;
};

type State = {
  readonly db: Db;
  readonly breaker: CircuitBreaker;
  readonly turns: Turns;
  readonly noticeTurns: Turns;
};

/** Whose turn it is; a choice replaces `state`. */
type Turns = { state: RoundRobinState };

/** @param random from 0 to 1: where in the servers' turns it begins */
export function createServerPool<Transport extends RegisteredTransport>(
  db: Db,
  transports: readonly Transport[],
  random: number,
): ServerPool<Transport> {
  const breaker = createCircuitBreaker();
  const initial = initialRoundRobinState(transports, random);
  const state = { db, breaker, turns: { state: initial }, noticeTurns: { state: initial } };
  return {
    chooseServer: (wanted, now, among = transports) => chooseServer(state, among, wanted, now),
    chooseForNotice: (now, among = transports) => chooseForNotice(state, among, now),
    reportReached: async ({ id }, now) => {
      const seenBy = breaker.takeReport(id, now);
      if (seenBy !== undefined) await recordReached(db, id, seenBy);
    },
    openOwnCircuit: ({ id }, reason, now) => breaker.openOwnCircuit(id, reason, now),
    recordOutcome: ({ id }, domain, outcome, now) => breaker.recordOutcome(id, domain, outcome, now),
  };
}

async function chooseServer<Transport extends RegisteredTransport>(
  state: State,
  transports: readonly Transport[],
  wanted: number,
  now: Date,
): Promise<ServerChoice<Transport>> {
  const { db, breaker } = state;
  const ids = transports.map(({ id }) => id);
  const circuits = breaker.withOwnCircuits(await listOpenCircuits(db, ids), ids);
  const providerLimits = await listProviderLimits(db);
  const candidates = transports.map((transport) => {
    const { id, limits } = transport;
    const gate = limitProviders(breaker.gate(id, circuits, now), providerLimits, now);
    return { id, limits, transport, gate };
  });
  const waits = candidates.flatMap(({ gate }) => gate.blockedUntil ?? []);
  let usable = candidates.filter(({ gate }) => gate.blockedUntil === undefined);
  for (let next = takeTurn(state.turns, usable); next !== undefined; next = takeTurn(state.turns, usable)) {
    const { id, transport, gate } = next;
    const permits = await takePermits(db, transport, Math.min(wanted, gate.maxMessages), now);
    if (permits.kind === 'granted') return { kind: 'send', transport, permits, gate };
    waits.push(permits.until);
    usable = usable.filter((other) => other.id !== id);
  }
  return { kind: 'wait', until: earliest(waits), circuits: circuits.filter(isWholeServer) };
}

async function chooseForNotice<Transport extends RegisteredTransport>(
  { db, breaker, noticeTurns }: State,
  transports: readonly Transport[],
  now: Date,
): Promise<NoticeChoice<Transport>> {
  const ids = transports.map(({ id }) => id);
  const circuits = breaker.withOwnCircuits(await listOpenCircuits(db, ids), ids);
  for (const id of ids) breaker.gate(id, circuits, now);
  const whole = circuits.filter(isWholeServer);
  const shut = whole.filter((circuit) => isUnreachable(circuit) && isOpen(circuit, now));
  const isNotIn = (some: readonly Circuit[]) => (transport: Transport) =>
    !some.some(({ transportId }) => transportId === transport.id);
  const usable = transports.filter(isNotIn(whole));
  const chosen = takeTurn(noticeTurns, usable.length > 0 ? usable : transports.filter(isNotIn(shut)));
  if (chosen !== undefined) return { kind: 'send', transport: chosen };
  const [circuit] = shut.toSorted((one, other) => Number(one.closesAt) - Number(other.closesAt));
  const transport = transports.find(({ id }) => id === circuit?.transportId);
  if (circuit === undefined || transport === undefined) throw new Error('A mailer without servers.');
  return { kind: 'wait', until: circuit.closesAt ?? now, circuit, transport };
}

/** Counts the turn before anything is awaited, so that batches which are sent side by side do not all choose the same server. */
function takeTurn<Candidate extends Pick<RegisteredTransport, 'id' | 'limits'>>(
  turns: Turns,
  candidates: readonly Candidate[],
): Candidate | undefined {
  const turn = chooseTransport(candidates, turns.state);
  turns.state = turn?.turns ?? turns.state;
  return turn?.chosen;
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map((time) => time.getTime())));
}
