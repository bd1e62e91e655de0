import express, { type Router } from 'express';
import type { Context } from '../platform/context.js';
import { findRequestToken } from './middleware/api-token.js';
import { createReadinessCheck, type FindQueueFault } from './readiness.js';

const WRONG_CLOCK =
  'The clock of this machine and the database’s differ: nothing is planned or sent until they agree.';

/**
 * `/healthz`: this process is alive. `/readyz`: what it needs is there, and its clock is right; with an API token for the whole server it says in
 * sentences what is not, which names servers and is nobody else's business.
 */
export function healthRoutes(
  context: Pick<Context, 'db' | 'mailer' | 'now' | 'templates' | 'clock'>,
  findQueueFault: FindQueueFault,
): Router {
  const router = express.Router();
  const check = createReadinessCheck(context, findQueueFault);
  router.get('/healthz', (_req, res) => void res.json({ status: 'alive' }));
  router.get('/readyz', async (req, res) => {
    const faults = { ...(await check()), ...(context.clock.isTrusted() ? {} : { clock: [WRONG_CLOCK] }) };
    const checks = Object.fromEntries(
      Object.entries(faults).map(([name, found]) => [name, found.length === 0]),
    );
    const isReady = Object.values(checks).every(Boolean);
    const token = await findRequestToken(context, req).catch(() => undefined);
    const mayKnow = token !== undefined && token.isMakerAdministrator && token.publicationId === null;
    const details = mayKnow ? { details: Object.values(faults).flat() } : {};
    res.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not-ready', ...checks, ...details });
  });
  return router;
}
