import express, { type Router } from 'express';
import { triggerPoll } from '../../articles/feeds/hook.js';
import type { Context } from '../../platform/context.js';

/** For sites that can request a URL when they publish, and no more. The body is not read. */
export function feedHookRoutes(context: Pick<Context, 'db' | 'now' | 'links'>): Router {
  const router = express.Router();
  router.post('/hooks/feed/:token', async (req, res, next) => {
    if (!(await triggerPoll(context, req.params.token))) return next();
    return res.status(202).end();
  });
  return router;
}
