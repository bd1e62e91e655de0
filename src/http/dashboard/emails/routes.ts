import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { changeDraft, type DraftChanged } from '../../../digests/drafts/change-draft.js';
import {
  approveDraft,
  discardDraft,
  moveDraft,
  takeDraftBack,
} from '../../../digests/drafts/control-draft.js';
import { draftChangeSchema, EMPTY_CONTENT, type Draft } from '../../../digests/drafts/draft.js';
import { findDraft, findDraftPublication } from '../../../digests/drafts/reads.js';
import { writeDraft } from '../../../digests/drafts/write-draft.js';
import { sendError } from '../../errors/error-responses.js';
import { readDeskForm, readForm } from '../../middleware/read-body.js';
import type { Previews } from '../digests/preview/previews.js';
import { draftPreviewRoutes } from '../digests/preview/routes.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { readEmail, type ReadEmail } from './email-form.js';
import { showEmailList, showNewEmail } from './email-list.js';
import { readTarget, showEmail } from './email-page.js';
import { emailPath, sendEmail, showSend } from './send-page.js';

type Id = { id: string };

/** Emails and words for digests: their list, the page of each, and what can be done with it. */
export function emailRoutes(previews: Previews): Router {
  const router = express.Router();
  const { context } = previews;
  router.get('/', (req, res) => showEmailList(previews, req, res));
  router.get('/new', (req, res) => showNewEmail(previews, req, res));
  router.post('/', (req, res) => begin(previews, req, res));
  router.use('/:id', requireOwn(context, findDraftPublication));
  router.get('/:id', (req: Request<Id>, res) => showEmail(previews, req, res));
  router.post('/:id', (req: Request<Id>, res) => save(previews, req, res));
  router.post('/:id/copy', (req: Request<Id>, res) => copy(previews, req, res));
  router.post('/:id/target', (req: Request<Id>, res) => move(previews, req, res));
  router.post('/:id/take-back', (req: Request<Id>, res) =>
    decide(req, res, (version) => takeDraftBack(asOperator(context, res), req.params.id, version)),
  );
  router.post('/:id/discard', (req: Request<Id>, res) =>
    decide(req, res, (version) => discardDraft(asOperator(context, res), req.params.id, version)),
  );
  router.get('/:id/send', (req: Request<Id>, res) => showSend(previews, req, res));
  router.post('/:id/send', (req: Request<Id>, res) => sendEmail(previews, req, res));
  router.use(draftPreviewRoutes(previews));
  return router;
}

async function begin({ context }: Previews, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const { publication } = publicationDeskOf(res);
  const { for: value } = (req.body ?? {}) as { for?: unknown };
  const target = readTarget(value, publication, context.now());
  if (target === undefined) return res.redirect(303, `${deskPath(publication)}/emails/new?done=no-target`);
  const { kind, draft } = await writeDraft(asOperator(context, res), publication.id, target);
  return res.redirect(303, `${emailPath(res, draft.id)}?done=${kind}`);
}

async function save(previews: Previews, req: Request<Id>, res: Response): Promise<void> {
  const { context } = previews;
  await readDeskForm(req, res);
  const draft = await findDraft(context.db, req.params.id);
  const read = draft && readEmail(req.body, draft);
  if (draft === undefined) return sendNotFound(context, req, res);
  if (read === undefined || !draftChangeSchema.safeParse(read.change).success)
    return sendError(context, req, res, { status: 400, page: 'refused' });
  if (Object.keys(read.mistakes).length > 0) return showEmail(previews, req, res.status(422), { read });
  const changed = await changeDraft(asOperator(context, res), draft.id, {
    seen: read.version,
    change: read.change,
  });
  if (changed.kind === 'unknown') return sendNotFound(context, req, res);
  if (changed.kind === 'over') return showEmail(previews, req, res.status(409), { read });
  if (changed.kind === 'clash')
    return showEmail(previews, req, res.status(409), { read, clashes: changed.fields });
  return res.redirect(303, await afterSave(previews, req, res, changed));
}

type Saved = Extract<DraftChanged, { byOthers: unknown }>;

/** Where the pressed button leads. */
async function afterSave(
  { context }: Previews,
  req: Request<Id>,
  res: Response,
  { kind, draft, byOthers }: Saved,
): Promise<string> {
  const page = emailPath(res, draft.id);
  const { next } = (req.body ?? {}) as { next?: unknown };
  // Somebody else's change has to be seen before it is approved or sent.
  if (byOthers.length > 0) return `${page}?${new URLSearchParams({ also: byOthers.join(' ') }).toString()}`;
  if (next === 'preview') return `${page}/preview`;
  if (next === 'send') return `${page}/send`;
  if (next !== 'approve') return `${page}?done=${kind}`;
  const approved = await approveDraft(asOperator(context, res), draft.id, draft.version);
  const waiting = approved.kind === 'approved' && approved.digestId !== null;
  return `${page}?done=${waiting ? 'approved-waiting' : approved.kind}`;
}

/** What is in it, or what was typed, as a new email: of a digest that is over nothing can be changed. */
async function copy({ context }: Previews, req: Request<Id>, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const draft = await findDraft(context.db, req.params.id);
  if (draft === undefined) return sendNotFound(context, req, res);
  const typed: ReadEmail | undefined = readEmail(req.body, draft);
  const parsed = draftChangeSchema.safeParse(typed?.change ?? {});
  const content = { ...copied(draft), ...(parsed.success ? parsed.data : {}) };
  const { publication } = publicationDeskOf(res);
  const own = { cadence: null, period: null, closesAt: null };
  const written = await writeDraft(asOperator(context, res), publication.id, own, content);
  return res.redirect(303, `${emailPath(res, written.draft.id)}?done=written`);
}

function copied({ cadence, content }: Draft) {
  return cadence === null ? content : { ...content, articleChoices: EMPTY_CONTENT.articleChoices };
}

async function move({ context }: Previews, req: Request<Id>, res: Response): Promise<void> {
  await readForm(req, res);
  const { for: value } = (req.body ?? {}) as { for?: unknown };
  const target = readTarget(value, publicationDeskOf(res).publication, context.now());
  if (target === undefined) return res.redirect(303, `${emailPath(res, req.params.id)}?done=no-target`);
  return decide(req, res, (version) => moveDraft(asOperator(context, res), req.params.id, version, target));
}

const versionSchema = z.object({ version: z.coerce.number().int().min(1) });

/** Decides about the version that the form names, and leads back to its page, which says what was done. */
async function decide(
  req: Request<Id>,
  res: Response,
  act: (version: number) => Promise<{ kind: string }>,
): Promise<void> {
  if (req.body === undefined) await readForm(req, res);
  const form = versionSchema.safeParse(req.body ?? {});
  const { kind } = form.success ? await act(form.data.version) : { kind: 'no-key' };
  const page = kind === 'discarded' ? emailPath(res, '').replace(/\/$/, '') : emailPath(res, req.params.id);
  return res.redirect(303, `${page}?done=${kind}`);
}
