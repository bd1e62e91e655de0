import type { Context } from '../../platform/context.js';
import type { SendRequest } from '../../platform/mail/message.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { Transport } from '../../platform/mail/smtp/mailer.js';
import { applyFinding } from '../../transports/circuits/apply-finding.js';
import {
  chooseTransport,
  initialRoundRobinState,
  type RoundRobinState,
} from '../../transports/choose/weighted-round-robin.js';
import { WHOLE_SERVER, type Circuit } from '../../transports/circuits/circuit.js';
import { createServerPool, type ServerPool } from '../../transports/choose/server-pool.js';
import type { Blocked, CircuitGate } from '../../transports/circuits/circuit-gate.js';
import { countNotice, returnPermits } from '../../transports/limits/permits.js';
import { listOpenCircuits } from '../../transports/circuits/reads.js';
import { registerTransports } from '../../transports/register-transports.js';
import type { RegisteredTransport } from '../../transports/transport.js';
import type { Finding } from '../../transports/circuits/circuit-breaker.js';
import { blockedReason } from '../../transports/circuits/describe-circuit.js';
import { createChunkSize, type ChunkSize } from './chunk-size.js';

/** The mail servers as one worker process uses them, and what it has learned of each. */
export type ServerRouter = {
  /** Where the next chunk may go, and how large it may be. */
  chooseRoute(): Promise<RouteChoice>;
  /** Where a notice goes: at once, whatever the limits. */
  routeForNotice(): Promise<Pick<Route, 'send' | 'rewrites'>>;
  listServers(): Promise<readonly Server[]>;
  /** The servers whose doubtful deliveries are sent again. */
  listResendingTransportIds(): Promise<number[]>;
};

export type RouteChoice =
  | { kind: 'open'; way: Route }
  | { kind: 'later'; at: Date }
  /** Every server refuses us; the words are one server's. */
  | { kind: 'closed'; reason: string };

/** One server, for one chunk. */
export type Route = {
  transportId: number;
  /** Most deliveries to claim; what was not needed is given back. */
  permits: number;
  /** The server signs, so we do not. */
  rewrites: boolean;
  /** Hands one message over and learns from the answer. */
  send(domain: string, posting: SendRequest): Promise<Outcome>;
  /** Lets one message to this domain pass, or says until when it is left alone, and why. */
  admit(domain: string): { until: Date; why: string } | undefined;
  returnPermits(permits: number): Promise<void>;
  /** So many deliveries took so long, in milliseconds: the next chunk is made to measure. */
  recordDuration(deliveries: number, took: number): void;
};

type RouterContext = Pick<Context, 'db' | 'now' | 'log' | 'mailer' | 'config'>;
type Server = Transport & RegisteredTransport;
type RegisteredServers = { servers: Server[]; pool: ServerPool<Server> };

export function createServerRouter(context: RouterContext): ServerRouter {
  const { db, now, config } = context;
  const paces = new Map<number, ChunkSize>();
  const found = new Map<number, BlockedDomains>();
  let turns: RoundRobinState | undefined;
  let asked: Promise<RegisteredServers> | undefined;
  const known = () => (asked ??= registerServers(context).catch(forget));
  const forget = (error: unknown) => {
    asked = undefined;
    throw error;
  };
  const paceOf = ({ id }: Server) => {
    const pace = paces.get(id) ?? createChunkSize(config.workerConnections);
    paces.set(id, pace);
    return pace;
  };
  const shutOf = ({ id }: Server) => {
    const shut: BlockedDomains = found.get(id) ?? new Map();
    found.set(id, shut);
    return shut;
  };
  return {
    chooseRoute: async () => {
      const { servers, pool } = await known();
      const wanted = Math.max(...servers.map((server) => paceOf(server).size()));
      const takenAt = now();
      const chosen = await pool.chooseServer(wanted, takenAt);
      if (chosen.kind === 'send') {
        const { transport } = chosen;
        const own = { pace: paceOf(transport), shut: shutOf(transport) };
        return { kind: 'open', way: createRoute(context, { ...chosen, ...own, pool: pool, takenAt }) };
      }
      const reason = pauseReason(chosen.circuits, servers);
      return reason === undefined ? { kind: 'later', at: chosen.until } : { kind: 'closed', reason };
    },
    routeForNotice: async () => {
      const { servers, pool } = await known();
      const turn = chooseTransport(
        await preferUsableServers(db, servers),
        (turns ??= initialRoundRobinState(servers, Math.random())),
      );
      if (turn === undefined) throw new Error('A mailer without servers.');
      turns = turn.turns;
      const server = turn.chosen;
      await countNotice(db, server, now());
      return {
        rewrites: server.settings.rewrites,
        send: (domain, posting) => sendAndRecord(context, pool, server, domain, posting),
      };
    },
    listServers: async () => (await known()).servers,
    listResendingTransportIds: async () => {
      const { servers } = await known();
      return servers.filter(({ settings }) => settings.uncertainPolicy === 'resend').map(({ id }) => id);
    },
  };
}

async function registerServers({ db, mailer }: RouterContext): Promise<RegisteredServers> {
  const servers = await registerTransports(db, mailer.transports);
  return { servers, pool: createServerPool(db, servers, Math.random()) };
}

/** Somebody waits for a notice: where every server refuses us, one is tried all the same. */
async function preferUsableServers(
  db: Context['db'],
  servers: readonly Server[],
): Promise<readonly Server[]> {
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
function pauseReason(circuits: readonly Circuit[], servers: readonly Server[]): string | undefined {
  const forGood = circuits.filter(({ closesAt }) => closesAt === null);
  return forGood.length === servers.length ? forGood[0]?.reason : undefined;
}

type RouteParts = {
  pool: ServerPool<Server>;
  transport: Server;
  count: number;
  gate: CircuitGate;
  takenAt: Date;
  pace: ChunkSize;
  shut: BlockedDomains;
};

/**
 * What this process has found shut a moment ago, by domain, and until when. The passage of a chunk shows what was known
 * before it, and batches that are sent side by side need not each find out for themselves.
 */
type BlockedDomains = Map<string, Blocked>;

function createRoute(context: RouterContext, opening: RouteParts): Route {
  const { pool, transport, count, gate, takenAt, pace, shut } = opening;
  const shutNow = (domain: string) => {
    const left = shut.get(domain);
    return left !== undefined && left.until > context.now() ? left : undefined;
  };
  return {
    transportId: transport.id,
    permits: count,
    rewrites: transport.settings.rewrites,
    admit: (domain) => {
      const left = shutNow(WHOLE_SERVER) ?? shutNow(domain) ?? gate.admit(domain);
      return left && { until: left.until, why: blockedReason(left.circuit, transport.name) };
    },
    send: (domain, posting) =>
      sendAndRecord(context, pool, transport, domain, posting, (circuit) => {
        const until = new Date(context.now().getTime() + BLOCKED_CACHE_MS);
        shut.set(circuit.domain, { until, circuit });
      }),
    returnPermits: (permits) => returnPermits(context.db, transport, permits, takenAt),
    recordDuration: (deliveries, took) => pace.adjust(deliveries, took),
  };
}

/** What a chunk finds shut is read from the ledger of circuits, with its own time, by the chunk that comes then. */
const BLOCKED_CACHE_MS = 10_000;

async function sendAndRecord(
  context: RouterContext,
  fleet: ServerPool<Server>,
  server: Server,
  domain: string,
  posting: SendRequest,
  onShut: (circuit: Blocked['circuit']) => void = () => {},
): Promise<Outcome> {
  const outcome = await server.send(posting);
  const finding = fleet.recordOutcome(server, domain, outcome, context.now());
  if (finding === undefined) return outcome;
  if (finding.kind !== 'recovered') onShut(finding.circuit);
  await publishFinding(context, server, finding);
  return outcome;
}

/** What the server answered counts, whether or not the others can be told of it. */
async function publishFinding(
  { db, now, log }: RouterContext,
  { name }: Server,
  finding: Finding,
): Promise<void> {
  try {
    const change = await applyFinding(db, finding, now());
    if (change === undefined) return;
    const { domain, reason } = change.circuit;
    log.warn({ event: `circuit.${change.kind}`, transport: name, domain, reason });
  } catch (error) {
    log.warn({ event: 'circuit.not-told', transport: name, err: error });
  }
}
