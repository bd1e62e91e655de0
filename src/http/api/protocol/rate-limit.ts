import type { Response } from 'express';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem, type ApiContext } from './endpoint.js';

export type TokenRateLimit = (tokenId: string, res: Response) => Promise<void>;

/** Requests a minute and token: plenty for a sync, little for a loop that went wrong. */
const MAX_REQUESTS = 600;
const WINDOW_SECONDS = 60;

/** Counts a token's requests and says in each answer how many are left (RateLimit headers of the IETF draft). */
export function createTokenRateLimit({ db }: Pick<ApiContext, 'db'>): TokenRateLimit {
  const limiter = new RateLimiterPostgres({
    storeClient: db.pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: 'api',
    points: MAX_REQUESTS,
    duration: WINDOW_SECONDS,
  });
  return async (tokenId, res) => {
    try {
      setRateLimitHeaders(res, await limiter.consume(tokenId));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      setRateLimitHeaders(res, refusal);
      res.set('Retry-After', String(Math.ceil(refusal.msBeforeNext / 1000)));
      throw new Problem(
        429,
        'too-many-requests',
        'Too many requests with this token. Try again after Retry-After seconds.',
      );
    }
  };
}

function setRateLimitHeaders(res: Response, { remainingPoints, msBeforeNext }: RateLimiterRes): void {
  res.set({
    'RateLimit-Limit': String(MAX_REQUESTS),
    'RateLimit-Remaining': String(Math.max(0, remainingPoints)),
    'RateLimit-Reset': String(Math.ceil(msBeforeNext / 1000)),
  });
}
