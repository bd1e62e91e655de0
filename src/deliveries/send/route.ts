import { LRUCache } from 'lru-cache';
import type { Context } from '../../platform/context.js';
import { SECOND_MS } from '../../platform/durations.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { SendRequest } from '../../platform/mail/message.js';
import type { ServerPool } from '../../transports/choose/server-pool.js';
import { WHOLE_SERVER } from '../../transports/circuits/circuit.js';
import type { Blocked, CircuitGate } from '../../transports/circuits/circuit-gate.js';
import { assessReply } from '../../transports/circuits/reply-health.js';
import { blockedReason } from '../../transports/circuits/describe-circuit.js';
import { returnPermits, type Granted } from '../../transports/limits/permits.js';
import type { ChunkSize } from './chunk-size.js';
import { createChunkTimes, type DomainPlaces } from './domain-places.js';
import { createPacer } from './pacer.js';
import { belongsElsewhere } from './smtp-utf8.js';
import { sendAndRecord, type Server } from './send-and-record.js';

/** One server, for one chunk. */
export type Route = {
  transportId: number;
  /** How many deliveries may be claimed; what is not needed is given back. */
  permits: number;
  /** The server signs, so we do not. */
  rewrites: boolean;
  /** Another server may take this address, which this one does not: it has letters beyond ASCII before the @. */
  belongsElsewhere(address: string): boolean;
  /** How many mails of a chunk may be for slow domains, by domain; empty where there are none. */
  places: Pick<DomainPlaces, 'size' | 'get'>;
  /** Hands one message over, at its time where the server has a pace, and counts the reply. */
  send(domain: string, request: SendRequest): Promise<Outcome>;
  /** Undefined lets one message to this domain pass; otherwise when to try again, and why. */
  admit(domain: string): { until: Date; reason: string } | undefined;
  returnPermits(permits: number): Promise<void>;
  /** So many deliveries took so many milliseconds: the size of the next chunk follows from it. */
  recordDuration(deliveries: number, tookMs: number): void;
};

/**
 * What this process has found blocked a moment ago, by domain. The gate of a chunk shows the circuits that were open before
 * it began, and batches that are sent side by side need not each find out for themselves.
 */
export type BlockedDomains = LRUCache<string, Blocked>;

export function createBlockedDomains(): BlockedDomains {
  return new LRUCache({ max: 1000 });
}

/** After this the next chunk reads the circuit, with its own time, from Postgres. */
const BLOCKED_CACHE_MS = 10 * SECOND_MS;

type RouteParts = {
  pool: ServerPool<Server>;
  /** The servers that may take what this one cannot; none where this was chosen for being able to. */
  others: readonly Server[];
  transport: Server;
  permits: Granted;
  gate: CircuitGate;
  chunkSize: ChunkSize;
  places: DomainPlaces;
  blocked: BlockedDomains;
  stopping: AbortSignal;
};

export function createRoute(
  context: Pick<Context, 'db' | 'now' | 'log' | 'templates'>,
  parts: RouteParts,
): Route {
  const {
    pool,
    others,
    transport: server,
    permits: granted,
    gate,
    chunkSize,
    places,
    blocked,
    stopping,
  } = parts;
  const { count, pace } = granted;
  const times = createChunkTimes(places);
  const nextTurn = createPacer(pace, context.now, stopping);
  const blockedNow = (domain: string) => {
    const found = blocked.get(domain);
    return found !== undefined && found.until > context.now() ? found : undefined;
  };
  return {
    transportId: server.id,
    permits: count,
    rewrites: server.settings.rewrites,
    belongsElsewhere: (address) => belongsElsewhere(address, server, others),
    admit: (domain) => {
      const found = blockedNow(WHOLE_SERVER) ?? blockedNow(domain) ?? gate.admit(domain);
      return found && { until: found.until, reason: blockedReason(found.circuit, server.name) };
    },
    places,
    send: async (domain, request) => {
      await nextTurn();
      const begunAt = performance.now();
      const outcome = await sendAndRecord(context, { pool, server }, { domain, request }, (circuit) => {
        const until = new Date(context.now().getTime() + BLOCKED_CACHE_MS);
        blocked.set(circuit.domain, { until, circuit });
      });
      // Without a reply it says nothing about the domain.
      if (assessReply(outcome) !== undefined) times.record(domain, performance.now() - begunAt);
      return outcome;
    },
    returnPermits: (permits) => returnPermits(context.db, server, permits, granted),
    // What the pace made it wait says nothing about the server.
    recordDuration: (deliveries, tookMs) => {
      chunkSize.adjust(deliveries, tookMs - deliveries * (pace?.intervalMs ?? 0));
      times.adjustPlaces();
    },
  };
}
