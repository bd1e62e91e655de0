import type { Db } from '../../platform/db/database.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { chooseTransport, initialRoundRobinState } from './weighted-round-robin.js';
import { WHOLE_SERVER, type Circuit } from '../circuits/circuit.js';
import type { CircuitGate } from '../circuits/circuit-gate.js';
import { takePermits } from '../limits/permits.js';
import { listOpenCircuits } from '../circuits/reads.js';
import type { RegisteredTransport } from '../transport.js';
import { createCircuitBreaker, type Finding } from '../circuits/circuit-breaker.js';

/** Where the next messages may go, or when to ask again. */
export type ServerChoice<Transport> =
  | { kind: 'go'; transport: Transport; count: number; gate: CircuitGate }
  /** `circuits`: those of whole servers, where they are what is in the way; empty while it is only limits. */
  | { kind: 'wait'; until: Date; circuits: Circuit[] };

/** All servers of SMTP_URL as one worker uses them: whose turn it is, and what it has heard from them. */
export type ServerPool<Transport extends RegisteredTransport> = {
  /** Chooses a server and takes permits for at most `wanted` messages. One query where nothing is limited or shut. */
  chooseServer(wanted: number, now: Date): Promise<ServerChoice<Transport>>;
  /** Takes in what became of one message. A finding, which is rare, is for `actOn`. */
  recordOutcome(transport: Transport, domain: string, outcome: Outcome, now: Date): Finding | undefined;
};

/** @param random from 0 to 1: where in the servers' turns it begins */
export function createServerPool<Transport extends RegisteredTransport>(
  db: Db,
  transports: readonly Transport[],
  random: number,
): ServerPool<Transport> {
  const watch = createCircuitBreaker();
  const ids = transports.map(({ id }) => id);
  let turns = initialRoundRobinState(transports, random);

  /** At once, so that batches which are sent side by side do not all choose the same one. */
  function choose<One extends Pick<RegisteredTransport, 'id' | 'limits'>>(candidates: readonly One[]) {
    const turn = chooseTransport(candidates, turns);
    turns = turn?.turns ?? turns;
    return turn?.chosen;
  }

  async function way(wanted: number, now: Date): Promise<ServerChoice<Transport>> {
    const circuits = await listOpenCircuits(db, ids);
    const all = transports.map((transport) => {
      const { id, limits } = transport;
      return { id, limits, transport, passage: watch.gate(id, circuits, now) };
    });
    const later = all.flatMap(({ passage }) => passage.blockedUntil ?? []);
    let open = all.filter(({ passage }) => passage.blockedUntil === undefined);
    for (let one = choose(open); one !== undefined; one = choose(open)) {
      const { id, transport, passage } = one;
      const permits = await takePermits(db, transport, Math.min(wanted, passage.maxMessages), now);
      if (permits.kind === 'granted') return { kind: 'go', transport, count: permits.count, gate: passage };
      later.push(permits.until);
      open = open.filter((other) => other.id !== id);
    }
    return { kind: 'wait', until: earliest(later), circuits: circuits.filter(isWholeServer) };
  }

  return {
    chooseServer: way,
    recordOutcome: ({ id }, domain, outcome, now) => watch.recordOutcome(id, domain, outcome, now),
  };
}

function isWholeServer({ domain }: Circuit): boolean {
  return domain === WHOLE_SERVER;
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map((time) => time.getTime())));
}
