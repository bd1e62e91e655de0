import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { authenticateToken } from '../../operators/authenticate.js';
import { claimIdempotency, type KeptAnswer } from '../../operators/idempotency.js';
import type { ApiToken } from '../../operators/reads.js';
import { answerProblem } from '../errors.js';
import { articleEndpoints } from './articles.js';
import { digestEndpoints } from './digests.js';
import { Problem, type ApiContext, type Endpoint } from './endpoint.js';
import { feedEndpoints } from './feeds.js';
import { openApiDocument } from './openapi.js';
import { publicationEndpoints } from './publications.js';
import { createTokenLimit, type TokenLimit } from './token-limit.js';
import { subscriptionEndpoints } from './subscriptions.js';

const endpoints: readonly Endpoint[] = [
  ...publicationEndpoints,
  ...feedEndpoints,
  ...articleEndpoints,
  ...subscriptionEndpoints,
  ...digestEndpoints,
];

/** `/api/v1`: what the operator's pages can do, for programs. */
export function apiRoutes(context: ApiContext): Router {
  const router = express.Router();
  const limit = createTokenLimit(context);
  router.get('/openapi.json', (_req, res) => void res.json(openApiDocument(endpoints, context.publicUrl)));
  router.use(express.json({ limit: '2mb', strict: true }));
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
    router[endpoint.method](path, (req, res) => serve(context, limit, endpoint, req, res));
  }
  router.use((_req, res) => answerProblem(res, 404, 'not-found', 'There is no such route in this API.'));
  return router;
}

async function serve(
  context: ApiContext,
  limit: TokenLimit,
  endpoint: Endpoint,
  req: Request,
  res: Response,
): Promise<void> {
  res.set('Cache-Control', 'no-store');
  try {
    const token = await authorise(context, endpoint, req);
    await limit(token.id, res);
    const answer = await answerOnce(context, endpoint, token, req);
    res.status(answer.status);
    if (answer.status === 204) res.end();
    else res.json(answer.body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) res.set('WWW-Authenticate', 'Bearer');
    answerProblem(res, error.status, error.code, error.message);
  }
}

async function authorise(context: ApiContext, { scope }: Endpoint, req: Request): Promise<ApiToken> {
  const secret = /^Bearer (pr_[\w-]{20,100})$/.exec(req.get('authorization') ?? '')?.[1];
  const token = secret === undefined ? undefined : await authenticateToken(context, secret);
  if (token === undefined) {
    throw new Problem(
      401,
      'no-token',
      'Send a token: Authorization: Bearer pr_… (paperround token create makes one).',
    );
  }
  if (token.scopes.includes(scope)) return token;
  throw new Problem(403, 'missing-scope', `This token may not do that: it needs the scope "${scope}".`);
}

/** With an Idempotency-Key the first answer is kept, and repetitions get it; what failed on our side is not kept. */
async function answerOnce(
  context: ApiContext,
  endpoint: Endpoint,
  token: ApiToken,
  req: Request,
): Promise<KeptAnswer> {
  const key = endpoint.method === 'post' ? req.get('idempotency-key') : undefined;
  if (key === undefined) return answer(context, endpoint, req);
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Problem(400, 'bad-idempotency-key', 'An Idempotency-Key is 1 to 255 visible ASCII characters.');
  }
  const request = `${req.method} ${req.originalUrl}\n${JSON.stringify(req.body ?? null)}`;
  const claimed = await claimIdempotency(context, token.id, key, request);
  switch (claimed.kind) {
    case 'again':
      return claimed.answer;
    case 'other-request':
      throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used with another request.');
    case 'under-way':
      throw new Problem(
        409,
        'idempotency-key-in-use',
        'The first request with this Idempotency-Key is not answered yet.',
      );
    case 'first':
      try {
        const first = await answer(context, endpoint, req);
        await claimed.keep(first);
        return first;
      } catch (error) {
        await claimed.drop();
        throw error;
      }
  }
}

async function answer(context: ApiContext, endpoint: Endpoint, req: Request): Promise<KeptAnswer> {
  const input = {
    params: parse(endpoint.params, req.params, 404),
    query: parse(endpoint.query ?? z.strictObject({}), req.query, 400),
    body: parse(endpoint.body, bodyOf(req, endpoint), 422),
  };
  const { status, body } = await endpoint.handle(context, input);
  return { status, body };
}

function bodyOf(req: Request, endpoint: Endpoint): unknown {
  if (endpoint.body === undefined) return undefined;
  if (req.is('json') === false && req.get('content-length') !== '0') {
    throw new Problem(415, 'not-json', 'Send the body as Content-Type: application/json.');
  }
  return req.body ?? {};
}

function parse(schema: z.ZodType | undefined, value: unknown, status: number): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (status === 404) throw new Problem(404, 'not-found', 'There is nothing with this id.');
  const mistakes = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message,
  );
  throw new Problem(status, 'invalid-request', `Nothing was changed. ${mistakes.join('; ')}.`);
}
