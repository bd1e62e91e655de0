import express, { type Request, type Response, type Router } from 'express';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { csvLine } from '../../../platform/text/csv.js';
import { canonicalTimeZone, usableTimeZone } from '../../../platform/text/time-zone.js';
import { cadences } from '../../../publications/publication.js';
import {
  addImport,
  answerImport,
  checkFiles,
  chooseColumns,
  createImport,
  removeFile,
} from '../../../subscribers/import/prepare-import.js';
import { productIds, productName } from '../../../subscribers/import/products.js';
import { findImport, findImportPublication } from '../../../subscribers/import/reads.js';
import { findFile, listFiles, listMistakes } from '../../../subscribers/import/file-reads.js';
import { MAX_FILE_BYTES, receiveFile } from '../../../subscribers/import/receive-file.js';
import { FIRST_DAY_STARTS, startMailing, stopMailing } from '../../../subscribers/import/start-mailing.js';
import { undoImport } from '../../../subscribers/import/undo-import.js';
import { readForm } from '../../middleware/read-body.js';
import { readUpload } from '../../middleware/read-upload.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { showImport, showImports, type ImportContext } from './pages.js';
import { describeMistake, fieldWords } from './words.js';

type ImportRequest = Request<{ id: string }>;
type FileRequest = Request<{ id: string; number: string }>;

/** Readers are brought from another product: files, columns and consent, the numbers before anybody is added, and the start of mailing. */
export function importRoutes(context: ImportContext): Router {
  const router = express.Router();
  router.get('/', (req, res) => showImports(context, req, res));
  router.post('/', (req, res) => create(context, req, res));
  router.use('/:id', requireOwn(context, findImportPublication));
  router.get('/:id', (req: ImportRequest, res) => showImport(context, req, res));
  router.post('/:id/files', (req: ImportRequest, res) => addFile(context, req, res));
  router.post('/:id/files/:number/columns', (req: FileRequest, res) => setColumns(context, req, res));
  router.post('/:id/files/:number/remove', (req: FileRequest, res) => removeOne(context, req, res));
  router.post('/:id/answers', (req: ImportRequest, res) => saveAnswers(context, req, res));
  router.post('/:id/check', (req: ImportRequest, res) => check(context, req, res));
  router.post(
    '/:id/add',
    pressed((req, res) => addImport(asOperator(context, res), req.params.id)),
  );
  router.post('/:id/start', (req: ImportRequest, res) => start(context, req, res));
  router.post(
    '/:id/stop',
    pressed((req, res) => stopMailing(asOperator(context, res), req.params.id)),
  );
  router.post(
    '/:id/undo',
    pressed((req, res) => undoImport(asOperator(context, res), req.params.id)),
  );
  router.get('/:id/mistakes.csv', (req: ImportRequest, res) => sendMistakes(context, req, res));
  return router;
}

/** A button without fields; what became of it is said by the page. */
function pressed(act: (req: ImportRequest, res: Response) => Promise<{ kind: string }>) {
  return async (req: ImportRequest, res: Response): Promise<void> => {
    await readForm(req, res);
    const { kind } = await act(req, res);
    return leadTo(res, req.params.id, kind);
  };
}

const createSchema = z.object({
  product: z.enum(productIds).catch('other'),
  name: z.string().trim().max(100).catch(''),
});

async function create(context: ImportContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { product, name } = createSchema.parse(req.body ?? {});
  const { publication } = publicationDeskOf(res);
  const named = name === '' ? productName(product) : name;
  const created = await createImport(asOperator(context, res), publication, { product, productName: named });
  if (created.kind === 'archived') return res.redirect(303, `${importsPath(res)}?done=archived`);
  return leadTo(res, created.id);
}

async function addFile(context: ImportContext, req: ImportRequest, res: Response): Promise<void> {
  try {
    const added = await readUpload(req, MAX_FILE_BYTES, async ({ file, fileName }) =>
      file === undefined
        ? { kind: 'no-file' as const }
        : receiveFile(context, req.params, fileName ?? 'readers.csv', file),
    );
    if (added.kind === 'no-table') return leadTo(res, req.params.id, 'no-table', { mistake: added.mistake });
    return leadTo(res, req.params.id, added.kind);
  } catch (error) {
    if ((error as { status?: number }).status !== 413) throw error;
    return leadTo(res, req.params.id, 'too-large');
  }
}

async function setColumns(context: ImportContext, req: FileRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const number = Number(req.params.number);
  const file = Number.isInteger(number) ? await findFile(context.db, req.params.id, number) : undefined;
  if (file === undefined || file.columns === null) return sendNotFound(context, req, res);
  const body = (req.body ?? {}) as Record<string, unknown>;
  const columns = file.columns.map((before, index) => {
    const chosen = body[`column-${index}`];
    return typeof chosen === 'string' && isField(chosen) ? chosen : before;
  });
  const { kind } = await chooseColumns(context, { importId: req.params.id, number }, columns);
  return leadTo(res, req.params.id, kind === 'chosen' ? 'saved' : kind);
}

async function removeOne(context: ImportContext, req: FileRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const number = Number(req.params.number);
  const { kind } = await removeFile(context, { importId: req.params.id, number });
  return leadTo(res, req.params.id, kind);
}

const answersSchema = z.object({
  consent: z.enum(['mail', 'ask']).optional().catch(undefined),
  statement: z.string().max(2000).optional().catch(undefined),
  cadence: z.enum(cadences).optional().catch(undefined),
  timezone: z.string().max(100).transform(canonicalTimeZone).optional().catch(undefined),
  dateOrder: z.enum(['day-first', 'month-first']).optional().catch(undefined),
  asksPerHour: z.coerce.number().int().min(1).max(100_000).optional().catch(undefined),
});

async function saveAnswers(context: ImportContext, req: ImportRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const typed = answersSchema.parse(req.body ?? {});
  const answers = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== undefined));
  const { kind } = await answerImport(context, req.params.id, answers);
  if (kind === 'not-open') return leadTo(res, req.params.id, kind);
  return runCheck(context, req.params.id, res);
}

async function check(context: ImportContext, req: ImportRequest, res: Response): Promise<void> {
  await readForm(req, res);
  return runCheck(context, req.params.id, res);
}

async function runCheck(context: ImportContext, id: string, res: Response): Promise<void> {
  const checked = await checkFiles(context, id);
  if (checked.kind === 'missing') return leadTo(res, id, checked.missing);
  return leadTo(res, id, checked.kind);
}

const startSchema = z.object({
  when: z.enum(['now', 'day']).catch('now'),
  day: z.iso.date().optional().catch(undefined),
  pace: z.enum(['staggered', 'all']).catch('staggered'),
});

async function start(context: ImportContext, req: ImportRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const { when, day, pace } = startSchema.parse(req.body ?? {});
  const { publication } = publicationDeskOf(res);
  const startAt = when === 'day' ? startOfDay(day, publication.timezone) : context.now();
  if (startAt === undefined) return leadTo(res, req.params.id, 'no-day');
  const startsPerDay = pace === 'all' ? null : FIRST_DAY_STARTS;
  const { kind } = await startMailing(asOperator(context, res), req.params.id, { startAt, startsPerDay });
  return leadTo(res, req.params.id, kind);
}

/** So many lines are in one download, with what is wrong in front: mended, they can be imported again. */
const MISTAKES_AT_A_TIME = 1000;

async function sendMistakes(context: ImportContext, req: ImportRequest, res: Response): Promise<void> {
  const found = await findImport(context.db, req.params.id);
  if (found === undefined) return sendNotFound(context, req, res);
  const files = await listFiles(context.db, found.id);
  res.type('text/csv; charset=utf-8').attachment('lines-to-mend.csv');
  res.write(`\uFEFF${csvLine(['File', 'Line', 'What is wrong', ...(files[0]?.preview?.header ?? [])])}`);
  for (let after: { file: number; line: number } | undefined; ;) {
    const mistakes = await listMistakes(context.db, found.id, { after, limit: MISTAKES_AT_A_TIME });
    for (const { file, line, mistake, cells } of mistakes) {
      const name = files.find(({ number }) => number === file)?.name ?? '';
      res.write(csvLine([name, line, describeMistake(mistake), ...cells]));
    }
    after = mistakes.at(-1);
    if (after === undefined || mistakes.length < MISTAKES_AT_A_TIME) break;
  }
  res.end();
}

function startOfDay(day: string | undefined, timezone: string): Date | undefined {
  if (day === undefined) return undefined;
  const date = Temporal.PlainDate.from(day);
  return new Date(date.toZonedDateTime(usableTimeZone(timezone)).epochMilliseconds);
}

function isField(text: string): boolean {
  return Object.hasOwn(fieldWords, text);
}

function importsPath(res: Response): string {
  return `${deskPath(publicationDeskOf(res).publication)}/readers/import`;
}

function leadTo(res: Response, id: string, done?: string, more: Record<string, string> = {}): void {
  const query = done === undefined ? '' : `?${new URLSearchParams({ done, ...more }).toString()}`;
  res.redirect(303, `${importsPath(res)}/${id}${query}`);
}
