import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { readHome } from '../../../dashboard/home.js';
import { describeFirstDigest } from '../digests/first-digest.js';
import { holdNextDigest } from '../../../digests/open/hold-next.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { articleFlashes } from '../articles/article-words.js';
import { articleHoldFlashes } from '../articles/hold-routes.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { circuitFlashes } from '../health/circuit-routes.js';
import { showSetUp } from '../setup/set-up-routes.js';
import { describeHome } from './home-page.js';

type HomeContext = Pick<
  Context,
  'config' | 'db' | 'log' | 'mailer' | 'now' | 'links' | 'templates' | 'hashAddress'
>;

/** A publication's first page: what waits for a decision, what goes next, what was sent last, who reads it. */
export function homeRoutes(context: HomeContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showHome(context, req, res));
  router.post('/rhythms/:cadence/hold', (req: Request<{ cadence: string }>, res) =>
    holdNext(context, req, res),
  );
  return router;
}

async function showHome(context: HomeContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  if (publication.liveAt === null) return showSetUp(context, req, res);
  const home = await readHome(context, publication);
  const flash = findFlash(flashes, req.query['done']);
  sendDeskPage(context, res, 'dashboard', {
    flash,
    ...describeHome(context, publication, home),
    nothingYet: home.last === undefined ? await describeFirstDigest(context, publication) : null,
  });
}

const cadenceSchema = z.enum(['daily', 'weekly', 'monthly']);

async function holdNext(
  context: HomeContext,
  req: Request<{ cadence: string }>,
  res: Response,
): Promise<void> {
  await readForm(req, res);
  const cadence = cadenceSchema.safeParse(req.params.cadence);
  if (!cadence.success) return sendNotFound(context, req, res);
  const { publication } = publicationDeskOf(res);
  const { kind } = await holdNextDigest(asOperator(context, res), publication, cadence.data);
  return res.redirect(303, `${deskPath(publication)}?done=next-${kind}`);
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...articleHoldFlashes,
  ...articleFlashes,
  'next-held': 'Held. Nobody of this rhythm is mailed until you let it go.',
  'next-paused': 'Paused. Who has it keeps it, and the others wait until you resume it.',
  'next-already': 'It was held before. Nothing was changed.',
  'next-refused': 'That digest is over. Nothing was changed.',
  'next-nobody-due': 'No reader of this rhythm has an hour that is still to come. Nothing was changed.',
};
