import express, { type Router } from 'express';
import { findAlert } from '../../../deliveries/alerts/reads.js';
import { readAlertContent } from '../../../deliveries/notices/compose-alert.js';
import type { Context } from '../../../platform/context.js';
import { expandUuid } from '../../../platform/uuid.js';
import { deskOf, deskPath } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';

/** The short link of an alert's mail: it leads to the page where its cause is decided, or to the overview once that is over. */
export function alertRoutes(context: Pick<Context, 'db' | 'now' | 'templates'>): Router {
  const router = express.Router();
  router.get('/:id', async (req, res) => {
    const id = expandUuid(req.params.id);
    const alert = id === undefined ? undefined : await findAlert(context.db, id);
    const publication = deskOf(res).publications.find((one) => one.id === alert?.publicationId);
    if (alert === undefined || publication === undefined) return sendNotFound(context, req, res);
    const content = await readAlertContent(context, alert.id, publication);
    return res.redirect(302, content?.path ?? deskPath(publication));
  });
  return router;
}
