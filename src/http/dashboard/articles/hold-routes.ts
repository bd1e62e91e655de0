import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { NEWEST_COUNT, readHoldDetails, type HoldDetails } from '../../../dashboard/hold-details.js';
import type { ExpectedReaders } from '../../../dashboard/hold-details.js';
import type { Context } from '../../../platform/context.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { findHoldPublication } from '../../../articles/release/reads.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { describeHold } from '../../../articles/release/describe-hold.js';
import { decideHold } from '../../../articles/release/decide-hold.js';

type HoldContext = Pick<Context, 'db' | 'log' | 'now' | 'templates'>;

const decisionSchema = z.object({ release: z.enum(['all', 'none', 'newest']) });

/** The page of a hold: why its articles are held, and the choices, each with how many readers it would reach. */
export function articleHoldRoutes(context: HoldContext): Router {
  const router = express.Router();
  router.use('/holds/:id', requireOwn(context, findHoldPublication));

  router.get('/holds/:id', async (req, res) => {
    const hold = await readHoldDetails(context, req.params.id);
    if (hold === undefined) return sendNotFound(context, req, res);
    return sendDeskPage(context, res, 'dashboard-article-hold', describeHoldPage(context, hold));
  });

  router.post('/holds/:id/decision', async (req: Request<{ id: string }>, res) => {
    await readForm(req, res);
    const asked = decisionSchema.safeParse(req.body);
    if (!asked.success) return sendNotFound(context, req, res);
    const { release } = asked.data;
    const decided = await decideHold(
      asOperator(context, res),
      req.params.id,
      release === 'newest' ? NEWEST_COUNT : release,
    );
    if (decided.kind === 'unknown') return sendNotFound(context, req, res);
    const word = decided.kind === 'decided' && decided.failed !== undefined ? 'partly' : release;
    const done = decided.kind === 'decided' ? `hold-${word}` : 'hold-decided';
    return res.redirect(303, `${deskPath(publicationDeskOf(res).publication)}?done=${done}`);
  });

  return router;
}

/** What the first page says after a decision, by the query `done`. */
export const articleHoldFlashes: Record<string, string> = {
  'hold-all': 'They are released. Instant readers get them now, the others with their next digest.',
  'hold-newest': `The newest ${NEWEST_COUNT} are released, the others count as already sent.`,
  'hold-none': 'They count as already sent. Nobody is mailed any of them.',
  'hold-partly':
    'Decided, but for articles that could not be changed: they are still held, and listed below.',
  'hold-decided': 'Those articles were decided on before. Nothing was changed.',
};

function describeHoldPage(
  { templates }: Pick<Context, 'templates'>,
  { articles, readers, ...hold }: HoldDetails,
): TemplateData {
  return {
    hold: { ...hold, reason: describeHold(hold, templates.operatorWords) },
    articles,
    newest: NEWEST_COUNT,
    reach: { all: describeReach(readers.all), newest: describeReach(readers.newest) },
  };
}

function describeReach({ atOnce, later }: ExpectedReaders): string {
  const all = atOnce + later;
  if (all === 0) return 'Nobody would be mailed: no confirmed reader asked for their topics.';
  const who = `${countNoun(all, 'reader')} would be mailed`;
  if (later === 0) return `${who}, within minutes.`;
  if (atOnce === 0) return `${who}, with the next digest of each.`;
  return `${who}: ${atOnce} within minutes, ${later} with the next digest of each.`;
}
