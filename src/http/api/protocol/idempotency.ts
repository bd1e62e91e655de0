import type { Request } from 'express';
import {
  claimIdempotencyKey,
  type IdempotencyClaim,
  type StoredResponse,
} from '../../../operators/idempotency-keys.js';
import type { ApiToken } from '../../../operators/reads.js';
import { ApiProblem } from '../../errors/problem.js';
import type { ApiContext, Endpoint } from './endpoint.js';

/**
 * Runs `answer`, with an Idempotency-Key only once: its response is stored, and repetitions get the same one. An error
 * is not stored.
 * @throws ApiProblem 400, 409 or 422 for a key that cannot be used
 */
export async function respondOnce(
  context: Pick<ApiContext, 'db' | 'now'>,
  { method }: Endpoint,
  token: ApiToken,
  req: Request,
  answer: () => Promise<StoredResponse>,
): Promise<StoredResponse> {
  const key = method === 'post' ? req.get('idempotency-key') : undefined;
  if (key === undefined) return answer();
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ApiProblem(
      400,
      'bad-idempotency-key',
      'An Idempotency-Key is 1 to 255 visible ASCII characters.',
    );
  }
  const request = `${req.method} ${req.originalUrl}\n${JSON.stringify(req.body ?? null)}`;
  const claimed = await claimIdempotencyKey(context, token.id, key, request);
  switch (claimed.kind) {
    case 'replay':
      return claimed.response;
    case 'other-request':
      throw new ApiProblem(
        422,
        'idempotency-key-reused',
        'This Idempotency-Key was used with another request.',
      );
    case 'in-progress':
      throw new ApiProblem(
        409,
        'idempotency-key-in-use',
        'The first request with this Idempotency-Key is not answered yet.',
      );
    case 'first':
      return answerFirst(claimed, answer);
  }
}

async function answerFirst(
  { store, release }: Extract<IdempotencyClaim, { kind: 'first' }>,
  answer: () => Promise<StoredResponse>,
): Promise<StoredResponse> {
  try {
    const response = await answer();
    await store(response);
    return response;
  } catch (error) {
    await release();
    throw error;
  }
}
