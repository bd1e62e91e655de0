import express, { type Router } from 'express';
import { isDatabaseReachable } from '../platform/db/ping.js';
import type { Context } from '../platform/context.js';

/** False when the queue does not answer. */
export type QueuePing = () => Promise<boolean>;

/** `/healthz`: this process is alive. `/readyz`: what it needs is reachable, and its clock is right. */
export function healthRoutes(
  { db, mailer, clock }: Pick<Context, 'db' | 'mailer' | 'clock'>,
  queue: QueuePing,
): Router {
  const router = express.Router();
  router.get('/healthz', (_req, res) => void res.json({ status: 'alive' }));
  router.get('/readyz', async (_req, res) => {
    const checks = {
      database: await isDatabaseReachable(db),
      queue: await queue(),
      mail: await mailer.verify(),
      ...(clock.isTrusted() ? {} : { clock: false }),
    };
    const ready = Object.values(checks).every(Boolean);
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready', ...checks });
  });
  return router;
}
