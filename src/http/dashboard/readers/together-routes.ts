import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import {
  prepareReaderChange,
  startReaderChange,
  stopReaderChange,
  undoReaderChange,
} from '../../../subscribers/together/change-readers.js';
import { togetherActions, UNDOES, type ReaderChange } from '../../../subscribers/together/reader-change.js';
import { findReaderChange, findReaderChangePublication } from '../../../subscribers/together/reads.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import type { ListContext } from './list-page.js';
import { readListQuery, toFilter } from './list-query.js';
import { actionWords, describeChange, describeUnchanged, readersWord } from './together-words.js';

type ChangeRequest = Request<{ id: string }>;

const askSchema = z.object({ action: z.enum(togetherActions) });

/** Seconds until a page that shows progress looks again. */
const REFRESH_SECONDS = '2';

/**
 * What is done with many readers: they are found and counted, the page names the number, and only its button begins. Erasing
 * has a route of its own, on which an operator shows again that it is she.
 */
export function togetherRoutes(context: ListContext): Router {
  const router = express.Router();
  router.post('/together', (req, res) => prepare(context, req, res));
  router.use('/together/:id', requireOwn(context, findReaderChangePublication));
  router.get('/together/:id', (req: ChangeRequest, res) => showChange(context, req, res));
  router.post('/together/:id/start', (req: ChangeRequest, res) =>
    start(context, req, res, ({ action }) => action !== 'erase'),
  );
  router.post('/together/:id/erase', (req: ChangeRequest, res) =>
    start(context, req, res, ({ action }) => action === 'erase'),
  );
  router.post('/together/:id/stop', async (req: ChangeRequest, res) => {
    await readForm(req, res);
    return leadTo(res, req.params.id, (await stopReaderChange(context, req.params.id)).kind);
  });
  router.post('/together/:id/undo', (req: ChangeRequest, res) => undo(context, req, res));
  return router;
}

async function prepare(context: ListContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  const asked = askSchema.safeParse(req.body);
  if (!asked.success) return sendNotFound(context, req, res);
  const { filter } = toFilter(readListQuery(req.body), publication, {
    now: context.now(),
    maySearchAddresses: true,
  });
  const selection = { publicationId: publication.id, filter };
  const { id } = await prepareReaderChange(asOperator(context, res), selection, asked.data.action);
  return leadTo(res, id);
}

async function start(
  context: ListContext,
  req: ChangeRequest,
  res: Response,
  isMeant: (change: ReaderChange) => boolean,
): Promise<void> {
  await readForm(req, res);
  const change = await findReaderChange(context.db, req.params.id);
  if (change === undefined || !isMeant(change)) return sendNotFound(context, req, res);
  const { kind } = await startReaderChange(context, change.id);
  return leadTo(res, change.id, kind);
}

async function undo(context: ListContext, req: ChangeRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const change = await findReaderChange(context.db, req.params.id);
  if (change === undefined) return sendNotFound(context, req, res);
  const undone = await undoReaderChange(asOperator(context, res), change);
  return undone.kind === 'undoing' ? leadTo(res, undone.id) : leadTo(res, change.id, undone.kind);
}

async function showChange(context: ListContext, req: ChangeRequest, res: Response): Promise<void> {
  const change = await findReaderChange(context.db, req.params.id);
  if (change === undefined) return sendNotFound(context, req, res);
  const { action, state, found, changed, unchanged } = change;
  const isGoingOn = state === 'counting' || state === 'running';
  if (isGoingOn) res.set('Refresh', REFRESH_SECONDS);
  return sendDeskPage(context, res, 'dashboard-readers-together', {
    flash: isGoingOn ? null : findFlash(flashes, req.query['done']),
    change,
    heading: describeChange(change),
    words: actionWords[action],
    readers: readersWord(found),
    unchangedWords: describeUnchanged(change),
    progress: {
      done: changed + unchanged,
      percent: found === 0 ? 0 : Math.floor((100 * (changed + unchanged)) / found),
    },
    mayUndo:
      ['done', 'stopped'].includes(state) && changed > 0 && !change.isUndone && UNDOES[action] !== undefined,
  });
}

function leadTo(res: Response, id: string, done?: string): void {
  const query = done === undefined ? '' : `?done=${done}`;
  res.redirect(303, `${deskPath(publicationDeskOf(res).publication)}/readers/together/${id}${query}`);
}

const flashes: Readonly<Record<string, string>> = {
  'not-ready': 'It has begun already, or is over. Nothing was begun a second time.',
  'not-running': 'It was over already.',
  'not-undoable': 'It cannot be taken back, or was already.',
};
