import { hashNetwork, networkOf } from '../../platform/crypto/network-hash.js';
import type { Db } from '../../platform/db/database.js';
import { createRateLimit, type RateLimitState } from './rate-limit.js';

/** Enough for a crowd of readers behind one address, as at an event. */
const MAX_REQUESTS_PER_NETWORK = 60;
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
