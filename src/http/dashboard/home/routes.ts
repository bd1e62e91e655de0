import express, { type Request, type Response, type Router } from 'express';
import { readOverview } from '../../../dashboard/overview.js';
import type { Context } from '../../../platform/context.js';
import { articleFlashes } from '../articles/article-routes.js';
import { articleHoldFlashes } from '../articles/hold-routes.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { circuitFlashes } from '../health/circuit-routes.js';
import { showSetUp } from '../setup/set-up-routes.js';
import { describeOverview } from './home-page.js';

type HomeContext = Pick<Context, 'config' | 'db' | 'log' | 'now' | 'links' | 'templates' | 'hashAddress'>;

/** A publication's first page: what comes next, what was sent last, and what waits for a decision. */
export function homeRoutes(context: HomeContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showHome(context, req, res));
  return router;
}

async function showHome(context: HomeContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  if (publication.liveAt === null) return showSetUp(context, req, res);
  const overview = await readOverview(context, publication);
  const flash = findFlash(flashes, req.query['done']);
  sendDeskPage(context, res, 'dashboard', { flash, ...describeOverview(context, publication, overview) });
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...articleHoldFlashes,
  ...articleFlashes,
};
