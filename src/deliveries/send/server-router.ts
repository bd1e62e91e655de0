import type { Context } from '../../platform/context.js';
import { needsSmtpUtf8 } from '../../platform/mail/address.js';
import { createServerPool, type ServerPool } from '../../transports/choose/server-pool.js';
import {
  chooseTransport,
  initialRoundRobinState,
  type RoundRobinState,
} from '../../transports/choose/weighted-round-robin.js';
import { isWholeServer, type Circuit } from '../../transports/circuits/circuit.js';
import { countNotice } from '../../transports/limits/permits.js';
import { isUnlimited, ratesAt } from '../../transports/limits/quota.js';
import { listOpenCircuits } from '../../transports/circuits/reads.js';
import { registerTransports } from '../../transports/register-transports.js';
import { createChunkSize, type ChunkSize } from './chunk-size.js';
import { createBlockedDomains, createRoute, type BlockedDomains, type Route } from './route.js';
import { withSmtpUtf8 } from './smtp-utf8.js';
import { sendAndRecord, type Server } from './send-and-record.js';

/** The mail servers as one worker process uses them, and what it has learned of each. */
export type ServerRouter = {
  /**
   * Where the next chunk may go, and how large it may be.
   * @param countDue how many deliveries are due, counted up to a number: no server's limit is used up for others
   * @param smtpUtf8 only servers that take addresses beyond ASCII before the @, if there are any
   */
  chooseRoute(countDue: (atMost: number) => Promise<number>, smtpUtf8: boolean): Promise<RouteChoice>;
  /** Where a notice to this address goes: at once, whatever the limits. */
  routeForNotice(address: string): Promise<Pick<Route, 'transportId' | 'send' | 'rewrites'>>;
  listServers(): Promise<readonly Server[]>;
  /** The servers whose uncertain deliveries are sent again. */
  listResendingTransportIds(): Promise<number[]>;
};

export type RouteChoice =
  | { kind: 'route'; route: Route }
  | { kind: 'wait'; until: Date }
  /** Every server refuses us until an operator has looked; the words are one server's. */
  | { kind: 'all-blocked'; reason: string };

type RouterContext = Pick<Context, 'db' | 'now' | 'log' | 'mailer' | 'config' | 'stopping'>;
type RegisteredServers = { servers: Server[]; pool: ServerPool<Server> };
/** What a process learns of a server, and keeps from chunk to chunk. */
type ServerState = { chunkSize: ChunkSize; blocked: BlockedDomains };

export function createServerRouter(context: RouterContext): ServerRouter {
  const { db, now, config, stopping } = context;
  const registered = createRegistration(context);
  const states = new Map<number, ServerState>();
  const stateOf = ({ id }: Server) => {
    const state = states.get(id) ?? {
      chunkSize: createChunkSize(config.workerConnections),
      blocked: createBlockedDomains(),
    };
    states.set(id, state);
    return state;
  };
  const nextForNotice = createNoticeRotation(db);
  return {
    chooseRoute: async (countDue, smtpUtf8) => {
      const { servers, pool } = await registered();
      const candidates = smtpUtf8 ? await withSmtpUtf8(servers) : servers;
      const size = Math.max(...servers.map((server) => stateOf(server).chunkSize.size()));
      const isLimited = servers.some((server) => !isUnlimited(ratesAt(server, now())));
      const wanted = isLimited ? Math.max(1, await countDue(size)) : size;
      const chosen = await pool.chooseServer(wanted, now(), candidates);
      if (chosen.kind === 'send') {
        const parts = { ...chosen, ...stateOf(chosen.transport), pool, stopping };
        return { kind: 'route', route: createRoute(context, { ...parts, others: smtpUtf8 ? [] : servers }) };
      }
      const reason = pauseReason(chosen.circuits, servers);
      return reason === undefined ? { kind: 'wait', until: chosen.until } : { kind: 'all-blocked', reason };
    },
    routeForNotice: async (address) => {
      const { servers, pool } = await registered();
      const server = await nextForNotice(needsSmtpUtf8(address) ? await withSmtpUtf8(servers) : servers);
      await countNotice(db, server, now());
      return {
        transportId: server.id,
        rewrites: server.settings.rewrites,
        send: (domain, request) => sendAndRecord(context, { pool, server }, { domain, request }),
      };
    },
    listServers: async () => (await registered()).servers,
    listResendingTransportIds: async () => {
      const { servers } = await registered();
      return servers.filter(({ settings }) => settings.uncertainPolicy === 'resend').map(({ id }) => id);
    },
  };
}

/** The servers' rows, made at first use. When that fails the next use tries again. */
function createRegistration({ db, mailer }: RouterContext): () => Promise<RegisteredServers> {
  let registered: Promise<RegisteredServers> | undefined;
  const register = async () => {
    try {
      const servers = await registerTransports(db, mailer.transports);
      return { servers, pool: createServerPool(db, servers, Math.random()) };
    } catch (error) {
      registered = undefined;
      throw error;
    }
  };
  return () => (registered ??= register());
}

function createNoticeRotation(db: Context['db']): (servers: readonly Server[]) => Promise<Server> {
  let turns: RoundRobinState | undefined;
  return async (servers) => {
    const usable = await preferUsableServers(db, servers);
    const turn = chooseTransport(usable, (turns ??= initialRoundRobinState(servers, Math.random())));
    if (turn === undefined) throw new Error('A mailer without servers.');
    turns = turn.turns;
    return turn.chosen;
  };
}

/** A person waits for a notice: where every server refuses us, one is tried all the same. */
async function preferUsableServers(
  db: Context['db'],
  servers: readonly Server[],
): Promise<readonly Server[]> {
  const circuits = await listOpenCircuits(
    db,
    servers.map(({ id }) => id),
  );
  const blocked = new Set(circuits.filter(isWholeServer).map(({ transportId }) => transportId));
  const usable = servers.filter(({ id }) => !blocked.has(id));
  return usable.length > 0 ? usable : servers;
}

/** Only when every server waits for an operator: as long as one of them may be used again by itself, so may the digest. */
function pauseReason(circuits: readonly Circuit[], servers: readonly Server[]): string | undefined {
  const waiting = circuits.filter(({ closesAt }) => closesAt === null);
  return waiting.length === servers.length ? waiting[0]?.reason : undefined;
}
