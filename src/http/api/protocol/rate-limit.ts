import type { Response } from 'express';
import { ApiProblem } from '../../errors/problem.js';
import { createRateLimit } from '../../middleware/rate-limit.js';
import type { ApiContext } from './endpoint.js';

export type TokenRateLimit = (tokenId: string, res: Response) => Promise<void>;

/** Requests a minute for each token: enough to synchronise a list, and too few for a client that loops by mistake. */
const MAX_REQUESTS = 600;
const WINDOW_SECONDS = 60;

/**
 * Counts a token's requests and sets the RateLimit headers (draft-ietf-httpapi-ratelimit-headers-06).
 * @throws ApiProblem 429, with Retry-After set
 */
export function createTokenRateLimit({ db }: Pick<ApiContext, 'db'>): TokenRateLimit {
  const limit = createRateLimit(
    { db },
    { keyPrefix: 'api', maxRequests: MAX_REQUESTS, windowSeconds: WINDOW_SECONDS },
  );
  return async (tokenId, res) => {
    const { kind, remaining, seconds } = await limit(tokenId);
    res.set({
      'RateLimit-Limit': String(MAX_REQUESTS),
      'RateLimit-Remaining': String(remaining),
      'RateLimit-Reset': String(seconds),
    });
    if (kind === 'allowed') return;
    res.set('Retry-After', String(seconds));
    throw new ApiProblem(
      429,
      'too-many-requests',
      'Too many requests with this token. Try again after Retry-After seconds.',
    );
  };
}
