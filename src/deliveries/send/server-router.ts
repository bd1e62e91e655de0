import type { Context } from '../../platform/context.js';
import { needsSmtpUtf8 } from '../../platform/mail/address.js';
import { createServerPool, type ServerPool } from '../../transports/choose/server-pool.js';
import type { Circuit } from '../../transports/circuits/circuit.js';
import { countNotice } from '../../transports/limits/permits.js';
import { isUnlimited, ratesAt } from '../../transports/limits/quota.js';
import { blockedReason } from '../../transports/circuits/describe-circuit.js';
import { registerTransports } from '../../transports/register-transports.js';
import { createChunkSize, type ChunkSize } from './chunk-size.js';
import { createDomainPlaces, type DomainPlaces } from './domain-places.js';
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
  /** Where a notice to this address goes: at once, whatever the limits; or when to ask again, where no server lets us in. */
  routeForNotice(address: string): Promise<NoticeRouteChoice>;
  listServers(): Promise<readonly Server[]>;
  /** The servers whose uncertain deliveries are sent again. */
  listResendingTransportIds(): Promise<number[]>;
};

export type RouteChoice =
  | { kind: 'route'; route: Route }
  /** `isForPermits`: only limits are in the way, and no circuit. */
  | { kind: 'wait'; until: Date; isForPermits: boolean }
  /** Every server refuses us until an operator has looked; the words are one server's. */
  | { kind: 'all-blocked'; reason: string };

export type NoticeRoute = Pick<Route, 'transportId' | 'send' | 'rewrites'>;
export type NoticeRouteChoice =
  | { kind: 'route'; route: NoticeRoute }
  | { kind: 'wait'; until: Date; reason: string };

type RouterContext = Pick<Context, 'db' | 'now' | 'log' | 'mailer' | 'config' | 'stopping' | 'templates'>;
type RegisteredServers = { servers: Server[]; pool: ServerPool<Server> };
/** What a process learns of a server, and keeps from chunk to chunk. */
type ServerState = { chunkSize: ChunkSize; places: DomainPlaces; blocked: BlockedDomains };

export function createServerRouter(context: RouterContext): ServerRouter {
  const { db, now, config, stopping } = context;
  const registered = createRegistration(context);
  const states = new Map<number, ServerState>();
  const stateOf = ({ id }: Server) => {
    const state = states.get(id) ?? {
      chunkSize: createChunkSize(config.workerConnections),
      places: createDomainPlaces(),
      blocked: createBlockedDomains(),
    };
    states.set(id, state);
    return state;
  };
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
      if (reason !== undefined) return { kind: 'all-blocked', reason };
      return { kind: 'wait', until: chosen.until, isForPermits: chosen.circuits.length === 0 };
    },
    routeForNotice: async (address) => {
      const { servers, pool } = await registered();
      const candidates = needsSmtpUtf8(address) ? await withSmtpUtf8(servers) : servers;
      const chosen = await pool.chooseForNotice(now(), candidates);
      const { transport: server } = chosen;
      if (chosen.kind === 'wait')
        return { kind: 'wait', until: chosen.until, reason: blockedReason(chosen.circuit, server.name) };
      await countNotice(db, server, now());
      return {
        kind: 'route',
        route: {
          transportId: server.id,
          rewrites: server.settings.rewrites,
          send: (domain, request) => sendAndRecord(context, { pool, server }, { domain, request }),
        },
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

/** Only when every server waits for an operator: as long as one of them may be used again by itself, so may the digest. */
function pauseReason(circuits: readonly Circuit[], servers: readonly Server[]): string | undefined {
  const waiting = circuits.filter(({ closesAt }) => closesAt === null);
  return waiting.length === servers.length ? waiting[0]?.reason : undefined;
}
