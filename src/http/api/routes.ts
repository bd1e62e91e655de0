import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Scope } from '../../operators/api-token.js';
import type { ApiToken, AuthenticatedToken } from '../../operators/reads.js';
import { findRequestToken } from '../middleware/api-token.js';
import { respondOnce } from './protocol/idempotency.js';
import { apiAccess } from './access.js';
import { articleHoldEndpoints } from './article-holds.js';
import { articleEndpoints } from './articles.js';
import { auditEndpoints } from './audit.js';
import { digestControlEndpoints } from './digest-controls.js';
import { digestEndpoints } from './digests.js';
import { draftEndpoints } from './drafts.js';
import { actingAs } from '../../platform/actor.js';
import { ApiProblem, sendProblem } from '../errors/problem.js';
import { checkAccess, checkAccessAgain } from './protocol/endpoint-access.js';
import type { ApiContext, Endpoint } from './protocol/endpoint.js';
import { eventEndpoints } from './events.js';
import { exportEndpoints } from './exports.js';
import { failedRowEndpoints } from './failed-rows.js';
import { feedEndpoints } from './feeds.js';
import { readBody, readInput } from './protocol/request-input.js';
import { openApiDocument } from './protocol/openapi.js';
import { hookEndpoints } from './hooks.js';
import { publicationEndpoints } from './publications.js';
import { signUpHoldEndpoints } from './sign-up-holds.js';
import { StreamedBody } from './protocol/streamed-body.js';
import { createTokenRateLimit, type TokenRateLimit } from './protocol/rate-limit.js';
import { subscriptionEndpoints } from './subscriptions.js';
import { suppressionEndpoints } from './suppressions.js';

/** Every endpoint; what each needs is in `access.ts`. */
export const endpoints: readonly Endpoint[] = [
  ...publicationEndpoints,
  ...feedEndpoints,
  ...articleEndpoints,
  ...articleHoldEndpoints,
  ...subscriptionEndpoints,
  ...suppressionEndpoints,
  ...exportEndpoints,
  ...signUpHoldEndpoints,
  ...digestEndpoints,
  ...digestControlEndpoints,
  ...eventEndpoints,
  ...draftEndpoints,
  ...hookEndpoints,
  ...failedRowEndpoints,
  ...auditEndpoints,
];

/** `/api/v1`: what the dashboard and the command line can do, for programs. */
export function apiRoutes(context: ApiContext): Router {
  const router = express.Router();
  const limit = createTokenRateLimit(context);
  router.get(
    '/openapi.json',
    (_req, res) => void res.json(openApiDocument(endpoints, apiAccess, context.publicUrl)),
  );
  for (const endpoint of endpoints)
    router[endpoint.method](pathOf(endpoint), (req, res) =>
      handleRequest(context, limit, endpoint, req, res),
    );
  for (const path of new Set(endpoints.map(pathOf))) router.all(path, refuseMethod(path));
  router.use((_req, res) =>
    sendProblem(res, { status: 404, code: 'not-found', detail: 'There is no such route in this API.' }),
  );
  return router;
}

function pathOf({ path }: Endpoint): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** 405 for a path that has other methods, with those in Allow (RFC 9110 section 15.5.6). */
function refuseMethod(path: string): RequestHandler {
  const methods = endpoints.filter((endpoint) => pathOf(endpoint) === path).map(({ method }) => method);
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return (_req, res) => {
    res.set('Allow', allowed.join(', '));
    const detail = `Here one may ${allowed.join(', ')}.`;
    sendProblem(res, { status: 405, code: 'method-not-allowed', detail });
  };
}

async function handleRequest(
  context: ApiContext,
  limit: TokenRateLimit,
  endpoint: Endpoint,
  req: Request,
  res: Response,
): Promise<void> {
  res.set('Cache-Control', 'no-store');
  try {
    const token = await authorise(context, endpoint, req);
    await limit(token.id, res);
    await readBody(endpoint, req, res);
    const access = apiAccess[endpoint.operationId];
    const answer = async (within: ApiContext) => {
      const input = readInput(endpoint, req);
      const caller = await checkAccess(within.db, token, access, input);
      const scope = endpoint.bodyScope?.(input.body);
      if (scope !== undefined) requireScope(token, scope);
      const acting = actingAs(within, { kind: 'token', id: token.id });
      const { status, body } = await endpoint.handle(acting, input, caller);
      return { status, body, publicationId: caller.publicationId ?? null };
    };
    const judgeAgain = (publicationId: string | null) =>
      checkAccessAgain(context.db, token, access, publicationId);
    const response = await respondOnce(context, endpoint, token, req, answer, judgeAgain);
    res.status(response.status);
    if (response.body instanceof StreamedBody) return await response.body.sendTo(res);
    if (response.status === 204) res.end();
    else res.json(response.body);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.status === 401) res.set('WWW-Authenticate', 'Bearer');
    const { status, code, message: detail, more } = error;
    if (more.retryAfter !== undefined) res.set('Retry-After', String(more.retryAfter));
    sendProblem(res, { ...more.members, status, code, detail });
  }
}

async function authorise(
  context: ApiContext,
  { scope }: Endpoint,
  req: Request,
): Promise<AuthenticatedToken> {
  const token = await findRequestToken(context, req);
  if (token === undefined) {
    throw new ApiProblem(
      401,
      'no-token',
      'Send a token: Authorization: Bearer pr_… Make one with: paperround token create --name NAME --scope read',
    );
  }
  requireScope(token, scope);
  return token;
}

/** @throws ApiProblem 403 */
function requireScope({ scopes }: ApiToken, scope: Scope): void {
  if (scopes.includes(scope)) return;
  throw new ApiProblem(403, 'missing-scope', `This token may not do that: it needs the scope "${scope}".`);
}
