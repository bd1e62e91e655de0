import type { Request } from 'express';
import {
  answerOnce,
  isIdempotencyKey,
  type KeyedAnswer,
  type StoredResponse,
} from '../../../operators/idempotency-keys.js';
import type { ApiToken } from '../../../operators/reads.js';
import { requestedPath } from '../../middleware/base-path.js';
import { ApiProblem } from '../../errors/problem.js';
import type { ApiContext, Endpoint } from './endpoint.js';

/** Most requests are answered by then. */
const IN_USE_RETRY_SECONDS = 1;

/**
 * With an Idempotency-Key the first answer is kept, and repetitions get it; a refusal or a fault is not kept.
 * @param judgeAgain whether who asks once more may still do what was done, before she sees the first answer
 * @param answer with a key it is called with a context whose database is the transaction that also writes the key
 */
export async function respondOnce(
  context: ApiContext,
  { method }: Endpoint,
  token: ApiToken,
  req: Request,
  answer: (context: ApiContext) => Promise<StoredResponse>,
  judgeAgain: (publicationId: string | null) => Promise<void>,
): Promise<StoredResponse> {
  const key = method === 'post' ? req.get('idempotency-key') : undefined;
  if (key === undefined) return answer(context);
  if (!isIdempotencyKey(key)) {
    throw new ApiProblem(
      400,
      'bad-idempotency-key',
      'An Idempotency-Key is 1 to 255 visible ASCII characters.',
    );
  }
  const request = `${req.method} ${requestedPath(req)}\n${JSON.stringify(req.body ?? null)}`;
  const answered = await answerOnce(context, { tokenId: token.id, key, request }, (db) =>
    answerOrRefuse(() => answer({ ...context, db })),
  );
  switch (answered.kind) {
    case 'response':
      if (answered.isRepeated === true) await judgeAgain(answered.response.publicationId ?? null);
      return answered.response;
    case 'refused':
      throw answered.refusal;
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
        'The first request with this Idempotency-Key is not answered yet. Try again after Retry-After seconds.',
        { retryAfter: IN_USE_RETRY_SECONDS },
      );
  }
}

/** A refusal is an answer, not a failure: what was found out on the way to it is not rolled back. */
async function answerOrRefuse(answer: () => Promise<StoredResponse>): Promise<KeyedAnswer> {
  try {
    return { kind: 'response', response: await answer() };
  } catch (error) {
    if (error instanceof ApiProblem) return { kind: 'refused', refusal: error };
    throw error;
  }
}
