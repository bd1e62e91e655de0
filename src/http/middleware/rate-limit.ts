import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../../platform/db/database.js';

export type RateLimitState = {
  kind: 'allowed' | 'limited';
  /** Requests left in this window. */
  remaining: number;
  /** Seconds until the window ends: at least 1. */
  seconds: number;
};

/** How many requests of one key are allowed in a window that begins with its first request. */
export type RateLimitOptions = { keyPrefix: string; maxRequests: number; windowSeconds: number };

type Query = { name: string; text: string; values: unknown[] };

/** Counts requests by key in Postgres, so that all web processes share the count. */
export function createRateLimit(
  context: { db: Db },
  options: RateLimitOptions,
): (key: string) => Promise<RateLimitState> {
  return createAttemptLimit(context, options).take;
}

/** A count that begins anew once an attempt was good. */
export type AttemptLimit = {
  take(key: string): Promise<RateLimitState>;
  forget(key: string): Promise<void>;
};

export function createAttemptLimit(
  { db }: { db: Db },
  { keyPrefix, maxRequests, windowSeconds }: RateLimitOptions,
): AttemptLimit {
  const limiter = new RateLimiterPostgres({
    // Without the names that the library gives its statements: a connection pooler in transaction mode may not know them.
    storeClient: { query: ({ text, values }: Query) => db.pool.query(text, values) },
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix,
    points: maxRequests,
    duration: windowSeconds,
  });
  return {
    take: async (key) => {
      try {
        return toState('allowed', await limiter.consume(key));
      } catch (limited) {
        if (!(limited instanceof RateLimiterRes)) throw limited;
        return toState('limited', limited);
      }
    },
    forget: async (key) => void (await limiter.delete(key)),
  };
}

function toState(
  kind: RateLimitState['kind'],
  { remainingPoints, msBeforeNext }: RateLimiterRes,
): RateLimitState {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
  return { kind, remaining: Math.max(0, remainingPoints), seconds };
}
