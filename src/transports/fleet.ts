import type { Db } from '../platform/db/database.js';
import type { Outcome } from '../platform/mail/outcome.js';
import { chooseTransport, firstTurns } from './choose.js';
import { WHOLE_SERVER, type Circuit } from './circuit.js';
import type { Passage } from './passage.js';
import { takePermits } from './permits.js';
import { listOpenCircuits } from './reads.js';
import type { KnownTransport } from './transport.js';
import { createWatch, type Finding } from './watch.js';

/** Where the next messages may go, or when to ask again. */
export type Way<Transport> =
  | { kind: 'go'; transport: Transport; count: number; passage: Passage }
  /** `circuits`: those of whole servers, where they are what is in the way; empty while it is only limits. */
  | { kind: 'wait'; until: Date; circuits: Circuit[] };

/** All servers of SMTP_URL as one worker uses them: whose turn it is, and what it has heard from them. */
export type Fleet<Transport extends KnownTransport> = {
  /** Chooses a server and takes permits for at most `wanted` messages. One query where nothing is limited or shut. */
  way(wanted: number, now: Date): Promise<Way<Transport>>;
  /** Takes in what became of one message. A finding, which is rare, is for `actOn`. */
  note(transport: Transport, domain: string, outcome: Outcome, now: Date): Finding | undefined;
};

/** @param random from 0 to 1: where in the servers' turns it begins */
export function createFleet<Transport extends KnownTransport>(
  db: Db,
  transports: readonly Transport[],
  random: number,
): Fleet<Transport> {
  const watch = createWatch();
  const ids = transports.map(({ id }) => id);
  let turns = firstTurns(transports, random);

  /** At once, so that batches which are sent side by side do not all choose the same one. */
  function choose<One extends Pick<KnownTransport, 'id' | 'limits'>>(candidates: readonly One[]) {
    const turn = chooseTransport(candidates, turns);
    turns = turn?.turns ?? turns;
    return turn?.chosen;
  }

  async function way(wanted: number, now: Date): Promise<Way<Transport>> {
    const circuits = await listOpenCircuits(db, ids);
    const all = transports.map((transport) => {
      const { id, limits } = transport;
      return { id, limits, transport, passage: watch.passage(id, circuits, now) };
    });
    const later = all.flatMap(({ passage }) => passage.shutUntil ?? []);
    let open = all.filter(({ passage }) => passage.shutUntil === undefined);
    for (let one = choose(open); one !== undefined; one = choose(open)) {
      const { id, transport, passage } = one;
      const permits = await takePermits(db, transport, Math.min(wanted, passage.most), now);
      if (permits.kind === 'granted') return { kind: 'go', transport, count: permits.count, passage };
      later.push(permits.until);
      open = open.filter((other) => other.id !== id);
    }
    return { kind: 'wait', until: earliest(later), circuits: circuits.filter(isWhole) };
  }

  return { way, note: ({ id }, domain, outcome, now) => watch.note(id, domain, outcome, now) };
}

function isWhole({ domain }: Circuit): boolean {
  return domain === WHOLE_SERVER;
}

function earliest(times: readonly Date[]): Date {
  return new Date(Math.min(...times.map((time) => time.getTime())));
}
