import { hash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Db } from '../../platform/db/database.js';
import type { FormLimit } from '../../subscribers/sign-up/limits.js';
import { createRateLimit, type RateLimitState } from './rate-limit.js';

/** Sign-ups that one network may send in a window: enough for a newsroom's open day behind one address. */
const MAX_REQUESTS_PER_NETWORK = 60;
const MAX_REQUESTS_PER_WIDER_NETWORK = 300;
const WINDOW_SECONDS = 600;

export type NetworkLimit = (ip: string | undefined) => Promise<RateLimitState>;

/**
 * Counts requests of one kind by network (an IPv4 address, an IPv6 /64). The key is a hash that changes daily, so that
 * the table does not show who came from where.
 */
export function createNetworkLimit({ db, now }: { db: Db; now: () => Date }, kind: string): NetworkLimit {
  const options = { maxRequests: MAX_REQUESTS_PER_NETWORK, windowSeconds: WINDOW_SECONDS };
  const limit = createRateLimit({ db }, { keyPrefix: kind, ...options });
  return (ip) => limit(hashNetwork(networkOf(ip), now()));
}

/** The limits for where a sign-up comes from: its network, and the one around it (a /24 or a /48) against moving floods. */
export function signUpLimits(ip: string | undefined, now: Date): FormLimit[] {
  const network = networkOf(ip);
  return [
    { key: `network ${hashNetwork(network, now)}`, max: MAX_REQUESTS_PER_NETWORK },
    { key: `networks ${hashNetwork(widerNetworkOf(network), now)}`, max: MAX_REQUESTS_PER_WIDER_NETWORK },
  ];
}

function hashNetwork(network: string, now: Date): string {
  const day = now.toISOString().slice(0, 10);
  return hash('sha256', `${day} ${network}`, 'base64url');
}

/** One name for all addresses of a network: `203.0.113.7` also for `::ffff:203.0.113.7`, 8 numbers for an IPv6 /64. */
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
