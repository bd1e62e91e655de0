import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { csvLine } from '../../../platform/text/csv.js';
import { readFile, startFile } from '../../../subscribers/suppression/add-file.js';
import { findFile, listMistakes } from '../../../subscribers/suppression/file-reads.js';
import {
  MAX_NAMED_MISTAKES,
  type SuppressionFile,
} from '../../../subscribers/suppression/suppression-file.js';
import { readForm } from '../../middleware/read-body.js';
import { readUpload, type Upload } from '../../middleware/read-upload.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { mayEverywhere, type DoNotMailContext } from './list-page.js';
import { flashes, mistakeWords } from './words.js';

type FileRequest = Request<{ id: string }>;

/** A million addresses, about. */
const MAX_FILE_BYTES = 50 * 1024 * 1024;
const MISTAKES_SHOWN = 20;

/** Seconds until a page that shows progress looks again. */
const REFRESH_SECONDS = '2';

const uploadSchema = z.object({
  note: z.string().trim().min(1).max(500),
  scope: z.enum(['own', 'everywhere']).catch('own'),
});

/** Files of addresses: one is read and counted, the page names the numbers, and only its button adds it. */
export function fileRoutes(context: DoNotMailContext): Router {
  const router = express.Router();
  router.get('/files/new', (_req, res) => showForm(context, res, null));
  router.post('/files', (req, res) =>
    readUpload(req, MAX_FILE_BYTES, (upload) => receive(context, upload, res)),
  );
  router.get('/files/:id', (req: FileRequest, res) => withFile(context, req, res, showFile));
  router.get('/files/:id/mistakes.csv', (req: FileRequest, res) => withFile(context, req, res, sendMistakes));
  router.post('/files/:id/start', async (req: FileRequest, res) => {
    await readForm(req, res);
    return withFile(context, req, res, async (_, { id }) => {
      const { kind } = await startFile(context, id);
      return leadTo(res, `/${id}${kind === 'started' ? '' : `?done=${kind}`}`);
    });
  });
  return router;
}

function showForm(context: DoNotMailContext, res: Response, mistake: string | null): void {
  const mayAll = mayEverywhere(res);
  sendDeskPage(context, res, 'dashboard-do-not-mail-upload', { mistake, mayEverywhere: mayAll });
}

async function receive(context: DoNotMailContext, { fields, file }: Upload, res: Response): Promise<void> {
  const typed = uploadSchema.safeParse(fields);
  if (!typed.success)
    return showForm(context, res.status(422), 'Say why, for whoever asks later. Nothing was read.');
  const { note, scope } = typed.data;
  if (scope === 'everywhere' && !mayEverywhere(res))
    return showForm(context, res.status(403), 'Only an administrator decides for all newsletters.');
  if (file === undefined) return showForm(context, res.status(422), 'Choose a file. Nothing was read.');
  const publicationId = scope === 'everywhere' ? null : publicationDeskOf(res).publication.id;
  try {
    const { id } = await readFile(asOperator(context, res), { publicationId, note }, file);
    return leadTo(res, `/${id}`);
  } catch (error) {
    if ((error as { status?: number }).status !== 413) throw error;
    const mistake = 'The file is larger than 50 MB. Nothing was read: cut it in parts.';
    return showForm(context, res.status(413), mistake);
  }
}

/** One of this newsletter; one for all of them is an administrator's. */
async function withFile(
  context: DoNotMailContext,
  req: FileRequest,
  res: Response,
  act: (context: DoNotMailContext, file: SuppressionFile, req: FileRequest, res: Response) => Promise<void>,
): Promise<void> {
  const id = z.uuid().safeParse(req.params.id);
  const own = publicationDeskOf(res).publication.id;
  const file =
    (id.success ? await findFile(context.db, id.data, own) : undefined) ??
    (id.success && mayEverywhere(res) ? await findFile(context.db, id.data, null) : undefined);
  return file === undefined ? sendNotFound(context, req, res) : act(context, file, req, res);
}

async function showFile(
  context: DoNotMailContext,
  file: SuppressionFile,
  req: FileRequest,
  res: Response,
): Promise<void> {
  const isGoingOn = file.state === 'reading' || file.state === 'running';
  if (isGoingOn) res.set('Refresh', REFRESH_SECONDS);
  const mistakes = await listMistakes(context.db, file.id, MISTAKES_SHOWN);
  const { found, added, present } = file;
  return sendDeskPage(context, res, 'dashboard-do-not-mail-file', {
    flash: isGoingOn ? null : findFlash(flashes, req.query['done']),
    file,
    fresh: found - present,
    addresses: found - file.domains,
    percent: found === 0 ? 100 : Math.floor((100 * (added + present)) / found),
    mistakes: mistakes.map(({ line, mistake }) => ({ line, words: mistakeWords[mistake] })),
    hasMore: file.unreadable > mistakes.length,
  });
}

async function sendMistakes(
  context: DoNotMailContext,
  { id }: SuppressionFile,
  _: FileRequest,
  res: Response,
): Promise<void> {
  const mistakes = await listMistakes(context.db, id, MAX_NAMED_MISTAKES);
  const lines = mistakes.map(({ line, mistake }) => csvLine([line, mistakeWords[mistake]]));
  res.type('text/csv; charset=utf-8').attachment('unreadable-lines.csv');
  res.send(`\uFEFF${csvLine(['Line', 'Mistake'])}${lines.join('')}`);
}

function leadTo(res: Response, rest: string): void {
  const path = deskPath(publicationDeskOf(res).publication);
  res.redirect(303, `${path}/readers/do-not-mail/files${rest}`);
}
