import type { Context } from '../platform/context.js';
import type { Posting } from '../platform/mail/message.js';
import type { Outcome } from '../platform/mail/outcome.js';
import type { Transport } from '../platform/mail/transport.js';
import { actOn } from '../transports/act-on.js';
import { chooseTransport, firstTurns, type Turns } from '../transports/choose.js';
import { WHOLE_SERVER, type Circuit } from '../transports/circuit.js';
import { createFleet, type Fleet } from '../transports/fleet.js';
import type { LeftAlone, Passage } from '../transports/passage.js';
import { countNotice, givePermitsBack } from '../transports/permits.js';
import { listOpenCircuits } from '../transports/reads.js';
import { registerTransports } from '../transports/register.js';
import type { KnownTransport } from '../transports/transport.js';
import type { Finding } from '../transports/watch.js';
import { whyLeftAlone } from '../transports/wording.js';
import { createPace, type Pace } from './pace.js';

/** The mail servers as one worker process uses them, and what it has learned of each. */
export type Ways = {
  /** Where the next chunk may go, and how large it may be. */
  choose(): Promise<Choice>;
  /** Where a notice goes: at once, whatever the limits. */
  forNotice(): Promise<Pick<Way, 'send' | 'rewrites'>>;
  all(): Promise<readonly Server[]>;
  /** The servers whose doubtful deliveries are sent again. */
  thatResend(): Promise<number[]>;
};

export type Choice =
  | { kind: 'open'; way: Way }
  | { kind: 'later'; at: Date }
  /** Every server refuses us; the words are one server's. */
  | { kind: 'closed'; reason: string };

/** One server, for one chunk. */
export type Way = {
  transportId: number;
  /** Most deliveries to claim; what was not needed is given back. */
  permits: number;
  /** The server signs, so we do not. */
  rewrites: boolean;
  /** Hands one message over and learns from the answer. */
  send(domain: string, posting: Posting): Promise<Outcome>;
  /** Lets one message to this domain pass, or says until when it is left alone, and why. */
  admit(domain: string): { until: Date; why: string } | undefined;
  giveBack(permits: number): Promise<void>;
  /** So many deliveries took so long, in milliseconds: the next chunk is made to measure. */
  keepPace(deliveries: number, took: number): void;
};

type WaysContext = Pick<Context, 'db' | 'now' | 'log' | 'mailer' | 'config'>;
type Server = Transport & KnownTransport;
type Known = { servers: Server[]; fleet: Fleet<Server> };

export function createWays(context: WaysContext): Ways {
  const { db, now, config } = context;
  const paces = new Map<number, Pace>();
  const found = new Map<number, Shut>();
  let turns: Turns | undefined;
  let asked: Promise<Known> | undefined;
  const known = () => (asked ??= learn(context).catch(forget));
  const forget = (error: unknown) => {
    asked = undefined;
    throw error;
  };
  const paceOf = ({ id }: Server) => {
    const pace = paces.get(id) ?? createPace(config.workerConnections);
    paces.set(id, pace);
    return pace;
  };
  const shutOf = ({ id }: Server) => {
    const shut: Shut = found.get(id) ?? new Map();
    found.set(id, shut);
    return shut;
  };
  return {
    choose: async () => {
      const { servers, fleet } = await known();
      const wanted = Math.max(...servers.map((server) => paceOf(server).size()));
      const takenAt = now();
      const chosen = await fleet.way(wanted, takenAt);
      if (chosen.kind === 'go') {
        const { transport } = chosen;
        const own = { pace: paceOf(transport), shut: shutOf(transport) };
        return { kind: 'open', way: openWay(context, { ...chosen, ...own, fleet, takenAt }) };
      }
      const reason = reasonToPause(chosen.circuits, servers);
      return reason === undefined ? { kind: 'later', at: chosen.until } : { kind: 'closed', reason };
    },
    forNotice: async () => {
      const { servers, fleet } = await known();
      const turn = chooseTransport(
        await preferOpen(db, servers),
        (turns ??= firstTurns(servers, Math.random())),
      );
      if (turn === undefined) throw new Error('A mailer without servers.');
      turns = turn.turns;
      const server = turn.chosen;
      await countNotice(db, server, now());
      return {
        rewrites: server.limits.rewrites,
        send: (domain, posting) => sendAndLearn(context, fleet, server, domain, posting),
      };
    },
    all: async () => (await known()).servers,
    thatResend: async () => {
      const { servers } = await known();
      return servers.filter(({ limits }) => limits.policy === 'resend').map(({ id }) => id);
    },
  };
}

async function learn({ db, mailer }: WaysContext): Promise<Known> {
  const servers = await registerTransports(db, mailer.transports);
  return { servers, fleet: createFleet(db, servers, Math.random()) };
}

/** Somebody waits for a notice: where every server refuses us, one is tried all the same. */
async function preferOpen(db: Context['db'], servers: readonly Server[]): Promise<readonly Server[]> {
  const circuits = await listOpenCircuits(
    db,
    servers.map(({ id }) => id),
  );
  const shut = new Set(
    circuits.filter(({ domain }) => domain === WHOLE_SERVER).map((one) => one.transportId),
  );
  const open = servers.filter(({ id }) => !shut.has(id));
  return open.length > 0 ? open : servers;
}

/** Only when every server waits for an operator: as long as one of them may be used again by itself, so may the digest. */
function reasonToPause(circuits: readonly Circuit[], servers: readonly Server[]): string | undefined {
  const forGood = circuits.filter(({ closesAt }) => closesAt === null);
  return forGood.length === servers.length ? forGood[0]?.reason : undefined;
}

type Opening = {
  fleet: Fleet<Server>;
  transport: Server;
  count: number;
  passage: Passage;
  takenAt: Date;
  pace: Pace;
  shut: Shut;
};

/**
 * What this process has found shut a moment ago, by domain, and until when. The passage of a chunk shows what was known
 * before it, and batches that are sent side by side need not each find out for themselves.
 */
type Shut = Map<string, LeftAlone>;

function openWay(context: WaysContext, opening: Opening): Way {
  const { fleet, transport, count, passage, takenAt, pace, shut } = opening;
  const shutNow = (domain: string) => {
    const left = shut.get(domain);
    return left !== undefined && left.until > context.now() ? left : undefined;
  };
  return {
    transportId: transport.id,
    permits: count,
    rewrites: transport.limits.rewrites,
    admit: (domain) => {
      const left = shutNow(WHOLE_SERVER) ?? shutNow(domain) ?? passage.admit(domain);
      return left && { until: left.until, why: whyLeftAlone(left.circuit, transport.name) };
    },
    send: (domain, posting) =>
      sendAndLearn(context, fleet, transport, domain, posting, (circuit) => {
        const until = new Date(context.now().getTime() + UNTIL_READ_AGAIN_MS);
        shut.set(circuit.domain, { until, circuit });
      }),
    giveBack: (permits) => givePermitsBack(context.db, transport, permits, takenAt),
    keepPace: (deliveries, took) => pace.keep(deliveries, took),
  };
}

/** What a chunk finds shut is read from the ledger of circuits, with its own time, by the chunk that comes then. */
const UNTIL_READ_AGAIN_MS = 10_000;

async function sendAndLearn(
  context: WaysContext,
  fleet: Fleet<Server>,
  server: Server,
  domain: string,
  posting: Posting,
  onShut: (circuit: LeftAlone['circuit']) => void = () => {},
): Promise<Outcome> {
  const outcome = await server.send(posting);
  const finding = fleet.note(server, domain, outcome, context.now());
  if (finding === undefined) return outcome;
  if (finding.kind !== 'recovered') onShut(finding.circuit);
  await tellAll(context, server, finding);
  return outcome;
}

/** What the server answered counts, whether or not the others can be told of it. */
async function tellAll({ db, now, log }: WaysContext, { name }: Server, finding: Finding): Promise<void> {
  try {
    const change = await actOn(db, finding, now());
    if (change === undefined) return;
    const { domain, reason } = change.circuit;
    log.warn({ event: `circuit.${change.kind}`, transport: name, domain, reason });
  } catch (error) {
    log.warn({ event: 'circuit.not-told', transport: name, err: error });
  }
}
