import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../../platform/db/database.js';
import type { FormLimit } from '../../subscribers/sign-up/limits.js';

export type NetworkLimit = (
  ip: string | undefined,
) => Promise<{ kind: 'fine' } | { kind: 'too-many'; seconds: number }>;

/** Sign-ups that one network may send in one stretch: a newsroom's open day behind one address, but no flood. */
const MAX_REQUESTS_PER_NETWORK = 60;
const MAX_REQUESTS_PER_WIDER_NETWORK = 300;
const WINDOW_SECONDS = 600;

/**
 * Counts requests of one kind per network (an IPv4 address, an IPv6 /64), shared by all web processes.
 * Networks are counted by a hash that changes daily: who signed up from where is nobody's business.
 */
export function createNetworkLimit(
  { db, now }: { db: Db; now: () => Date },
  kind: string,
  { points, seconds }: { points: number; seconds: number } = {
    points: MAX_REQUESTS_PER_NETWORK,
    seconds: WINDOW_SECONDS,
  },
): NetworkLimit {
  const limiter = new RateLimiterPostgres({
    storeClient: db.pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: kind,
    points,
    duration: seconds,
  });
  return async (ip) => {
    try {
      await limiter.consume(networkKey(ip, now()));
      return { kind: 'fine' };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return { kind: 'too-many', seconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
    }
  };
}

/**
 * The limits of where a sign-up comes from: its network, and the wider one around it (a /24 or a /48), which a flood that
 * moves about has to itself.
 */
export function signUpLimits(ip: string | undefined, now: Date): FormLimit[] {
  const network = networkOf(ip);
  return [
    { key: `network ${hashNetwork(network, now)}`, max: MAX_REQUESTS_PER_NETWORK },
    { key: `networks ${hashNetwork(widerNetworkOf(network), now)}`, max: MAX_REQUESTS_PER_WIDER_NETWORK },
  ];
}

function networkKey(ip: string | undefined, now: Date): string {
  return hashNetwork(networkOf(ip), now);
}

function hashNetwork(network: string, now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return hash('sha256', `${day} ${network}`, 'base64url');
}

/** 203.0.113.7 and ::ffff:203.0.113.7 are one network; so are all addresses of an IPv6 /64. */
export function networkOf(ip: string | undefined): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return address.toByteArray().slice(0, 8).join('.');
}

/** Of an IPv4 address its /24, of an IPv6 /64 its /48. */
function widerNetworkOf(network: string): string {
  const parts = network.split('.');
  return parts.slice(0, parts.length === 8 ? 6 : 3).join('.');
}
