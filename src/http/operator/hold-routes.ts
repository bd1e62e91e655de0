import express, { type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import { decideHold } from '../../articles/decide.js';
import { NEWEST, readHoldPage, type HoldPage } from '../../dashboard/hold-page.js';
import type { ExpectedReaders } from '../../dashboard/hold-reads.js';
import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import { answerError } from '../errors.js';
import { operatorOf } from '../guard.js';

type HoldContext = Pick<Context, 'db' | 'now' | 'templates'>;

const choice = z.object({ release: z.enum(['all', 'none', 'newest']) });

/** What was held together: why, whom each choice would reach, and the choices. */
export function holdRoutes(context: HoldContext, form: RequestHandler): Router {
  const router = express.Router();

  router.get('/:id', async (req, res) => {
    const id = z.uuid().safeParse(req.params.id);
    const hold = id.success ? await readHoldPage(context, id.data) : undefined;
    if (hold === undefined) return answerError(context, req, res, { status: 404, page: 'notFound' });
    return res.type('html').send(holdPage(context, hold, operatorOf(res)?.email ?? null));
  });

  router.post('/:id/decision', form, async (req, res) => {
    const [id, asked] = [z.uuid().safeParse(req.params['id']), choice.safeParse(req.body)];
    if (!id.success || !asked.success)
      return answerError(context, req, res, { status: 404, page: 'notFound' });
    const { release } = asked.data;
    const decided = await decideHold(context, id.data, release === 'newest' ? NEWEST : release);
    if (decided.kind === 'unknown') return answerError(context, req, res, { status: 404, page: 'notFound' });
    const publication = await findPublication(context.db, decided.publicationId);
    const done = decided.kind === 'decided' ? `hold-${release}` : 'hold-decided';
    const query = new URLSearchParams({ publication: publication?.slug ?? '', done });
    return res.redirect(303, `/operator?${query.toString()}`);
  });

  return router;
}

/** What the overview then says. */
export const holdFlashes: Record<string, string> = {
  'hold-all': 'They are released. Instant readers get them now, the others with their next digest.',
  'hold-newest': `The newest ${NEWEST} are released, the others count as already sent.`,
  'hold-none': 'They count as already sent. Nobody is mailed any of them.',
  'hold-decided': 'Those articles were decided on before. Nothing was changed.',
};

function holdPage(
  { templates }: Pick<Context, 'templates'>,
  { publication, articles, readers, ...hold }: HoldPage,
  signedIn: string | null,
): string {
  return templates.page('operator-hold', 'en', {
    publication,
    hold,
    articles,
    signedIn,
    newest: NEWEST,
    reach: { all: inWords(readers.all), newest: inWords(readers.newest) },
  });
}

function inWords({ atOnce, later }: ExpectedReaders): string {
  const all = atOnce + later;
  if (all === 0) return 'Nobody would be mailed: no confirmed reader asked for their topics.';
  const who = `${many(all)} would be mailed`;
  if (later === 0) return `${who}, within minutes.`;
  if (atOnce === 0) return `${who}, with the next digest of each.`;
  return `${who}: ${atOnce} within minutes, ${later} with the next digest of each.`;
}

function many(readers: number): string {
  return readers === 1 ? '1 reader' : `${readers} readers`;
}
