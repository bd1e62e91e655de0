import express, { type Router } from 'express';
import { z } from 'zod';
import { NEWEST_COUNT, readHoldDetails, type HoldDetails } from '../../dashboard/hold-details.js';
import type { ExpectedReaders } from '../../dashboard/reads.js';
import type { Context } from '../../platform/context.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { findPublication } from '../../publications/reads.js';
import { sendError } from '../errors/error-responses.js';
import { signedInOperator } from '../middleware/access-guards.js';
import { readForm } from '../middleware/read-body.js';
import { describeHold } from '../../articles/release/describe-hold.js';
import { decideHold } from '../../articles/release/decide-hold.js';

type HoldContext = Pick<Context, 'db' | 'log' | 'now' | 'templates'>;

const decisionSchema = z.object({ release: z.enum(['all', 'none', 'newest']) });

/** The page of a hold: why its articles are held, and the choices, each with how many readers it would reach. */
export function articleHoldRoutes(context: HoldContext): Router {
  const router = express.Router();

  router.get('/:id', async (req, res) => {
    const id = z.uuid().safeParse(req.params.id);
    const hold = id.success ? await readHoldDetails(context, id.data) : undefined;
    if (hold === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
    return res.type('html').send(renderHoldPage(context, hold, signedInOperator(res)?.email ?? null));
  });

  router.post('/:id/decision', async (req, res) => {
    await readForm(req, res);
    const [id, asked] = [z.uuid().safeParse(req.params['id']), decisionSchema.safeParse(req.body)];
    if (!id.success || !asked.success) return sendError(context, req, res, { status: 404, page: 'notFound' });
    const { release } = asked.data;
    const decided = await decideHold(context, id.data, release === 'newest' ? NEWEST_COUNT : release);
    if (decided.kind === 'unknown') return sendError(context, req, res, { status: 404, page: 'notFound' });
    const publication = await findPublication(context.db, decided.publicationId);
    const word = decided.kind === 'decided' && decided.failed !== undefined ? 'partly' : release;
    const done = decided.kind === 'decided' ? `hold-${word}` : 'hold-decided';
    const query = new URLSearchParams({ publication: publication?.slug ?? '', done });
    return res.redirect(303, `/operator?${query.toString()}`);
  });

  return router;
}

/** What the overview says after a decision, by the query `done`. */
export const articleHoldFlashes: Record<string, string> = {
  'hold-all': 'They are released. Instant readers get them now, the others with their next digest.',
  'hold-newest': `The newest ${NEWEST_COUNT} are released, the others count as already sent.`,
  'hold-none': 'They count as already sent. Nobody is mailed any of them.',
  'hold-partly':
    'Decided, but for articles that could not be changed: they are still held, and listed below.',
  'hold-decided': 'Those articles were decided on before. Nothing was changed.',
};

function renderHoldPage(
  { templates }: Pick<Context, 'templates'>,
  { publication, articles, readers, ...hold }: HoldDetails,
  signedIn: string | null,
): string {
  return templates.page('dashboard-article-hold', 'en', {
    publication,
    hold: { ...hold, reason: describeHold(hold, templates.operatorWords) },
    articles,
    signedIn,
    newest: NEWEST_COUNT,
    reach: { all: describeReach(readers.all), newest: describeReach(readers.newest) },
  });
}

function describeReach({ atOnce, later }: ExpectedReaders): string {
  const all = atOnce + later;
  if (all === 0) return 'Nobody would be mailed: no confirmed reader asked for their topics.';
  const who = `${countNoun(all, 'reader')} would be mailed`;
  if (later === 0) return `${who}, within minutes.`;
  if (atOnce === 0) return `${who}, with the next digest of each.`;
  return `${who}: ${atOnce} within minutes, ${later} with the next digest of each.`;
}
