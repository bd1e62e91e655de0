import express, { type Request, type Response, type Router } from 'express';
import { readOverview } from '../../../dashboard/overview.js';
import { NOT_LIVE, sendOperatorDigest } from '../../../deliveries/plan/operator-digest.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { articleFlashes } from '../articles/article-routes.js';
import { articleHoldFlashes } from '../articles/hold-routes.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { circuitFlashes } from '../health/circuit-routes.js';
import { describeOverview } from './home-page.js';

type HomeContext = Pick<Context, 'db' | 'log' | 'now' | 'links' | 'templates' | 'hashAddress'>;

/** A publication's first page: what comes next, what was sent last, and what waits for a decision. */
export function homeRoutes(context: HomeContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showHome(context, req, res));
  router.post('/digests', (req, res) => sendDigestNow(context, req, res));
  return router;
}

async function showHome(context: HomeContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const overview = await readOverview(context, publication);
  const flash = findFlash(flashes, req.query['done']);
  sendDeskPage(context, res, 'dashboard', { flash, ...describeOverview(context, publication, overview) });
}

async function sendDigestNow(context: HomeContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  const sent = await sendOperatorDigest(asOperator(context, res), publication.id);
  return res.redirect(303, `${deskPath(publication)}?done=${sent.kind}`);
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...articleHoldFlashes,
  ...articleFlashes,
  sending: 'The digest is on its way. Its ledger below fills as mail servers answer.',
  'nobody-due': 'Nobody is due anything. No digest was made.',
  'not-live': NOT_LIVE,
};
