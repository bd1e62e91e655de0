import express, { type Router } from 'express';
import { retryFailedRows } from '../../../deliveries/recover/retry-failed-rows.js';
import type { Context } from '../../../platform/context.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf } from '../frame/desk.js';

/** The button that tries again what was left out. */
export function failedRowRoutes(context: Pick<Context, 'db' | 'now'>): Router {
  const router = express.Router();
  router.post('/retry', async (_req, res) => {
    await retryFailedRows(asOperator(context, res), publicationDeskOf(res).publication.id);
    return res.redirect(303, '/operator/health?done=retried');
  });
  return router;
}
