import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { maySeeAddresses } from '../../../operators/operator.js';
import { parseAddress, parseDomain } from '../../../subscribers/address.js';
import {
  liftListed,
  suppressAddress,
  suppressDomain,
  whoMayLift,
  type LiftRight,
} from '../../../subscribers/suppression/operator-changes.js';
import {
  countReadersAt,
  findListedSuppression,
  findSuppressionPublication,
  type ListedSuppression,
} from '../../../subscribers/suppression/operator-reads.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { requireOwn, sendNotFound } from '../frame/own-row.js';
import { describe, mayEverywhere, showDoNotMail, type AddForm, type DoNotMailContext } from './list-page.js';
import { liftWords } from './words.js';

type EntryRequest = Request<{ id: string }>;

const addSchema = z.object({
  what: z.string().trim().max(500).catch(''),
  note: z.string().trim().max(500).catch(''),
  scope: z.enum(['own', 'everywhere']).catch('own'),
  /** That of the page which names how many readers a domain has. */
  sure: z.literal('yes').optional().catch(undefined),
});

type Typed = z.infer<typeof addSchema>;

/** Adds to the list of who is not mailed, shows one of it, and takes it off. */
export function changeRoutes(context: DoNotMailContext): Router {
  const router = express.Router();
  router.post('/', (req, res) => add(context, req, res));
  router.use('/:id', requireOwn(context, findSuppressionPublication));
  router.get('/:id', (req: EntryRequest, res) => showEntry(context, req, res, { note: '', mistake: null }));
  router.post('/:id/lift', (req: EntryRequest, res) => lift(context, req, res));
  return router;
}

async function add(context: DoNotMailContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const typed = addSchema.parse(req.body ?? {});
  const refuse = (field: 'what' | 'note', mistake: string) =>
    showDoNotMail(context, req, res.status(422), { ...typed, field, mistake } satisfies AddForm);
  const target = parseTarget(typed.what);
  if (target === undefined)
    return refuse('what', 'This is no address, and no domain behind an @. Nothing was changed.');
  if (typed.note === '') return refuse('note', 'Say why, for whoever asks later. Nothing was changed.');
  if (typed.scope === 'everywhere' && !mayEverywhere(res))
    return refuse('what', 'Only an administrator decides for all newsletters. Nothing was changed.');
  const change = { publicationId: scopeOf(typed, res), note: typed.note };
  if ('domain' in target && typed.sure === undefined)
    return askAboutDomain(context, res, typed, target.domain);
  const acting = asOperator(context, res);
  const { kind } =
    'domain' in target
      ? await suppressDomain(acting, { ...change, ...target })
      : await suppressAddress(acting, { ...change, ...target });
  return leadToList(res, kind);
}

function scopeOf({ scope }: Pick<Typed, 'scope'>, res: Response): string | null {
  return scope === 'everywhere' ? null : publicationDeskOf(res).publication.id;
}

/** A domain stands behind an @, so that nobody suppresses one by leaving out what is before it. */
function parseTarget(what: string): { emailKey: string } | { domain: string } | undefined {
  if (what.startsWith('@')) {
    const domain = parseDomain(what);
    return domain === undefined ? undefined : { domain };
  }
  const parsed = parseAddress(what);
  return parsed.kind === 'address' ? { emailKey: parsed.address.key } : undefined;
}

/** Names the exact number of readers before a domain is suppressed. */
async function askAboutDomain(
  { db, templates }: DoNotMailContext,
  res: Response,
  typed: Typed,
  domain: string,
): Promise<void> {
  const { readers } = await countReadersAt(db, scopeOf(typed, res), domain);
  return sendDeskPage({ templates }, res, 'dashboard-do-not-mail-domain', { typed, domain, readers });
}

async function showEntry(
  context: DoNotMailContext,
  req: EntryRequest,
  res: Response,
  { note, mistake }: { note: string; mistake: string | null },
): Promise<void> {
  const entry = await findEntry(context, req, res);
  if (entry === undefined) return sendNotFound(context, req, res);
  const right = rightOf(context, entry, res);
  return sendDeskPage(context, res, 'dashboard-do-not-mail-entry', {
    entry: describe(entry, maySeeAddresses(publicationDeskOf(res).role)),
    why: liftWords[right] ?? null,
    mayLift: right === 'operator',
    note,
    mistake,
  });
}

function findEntry({ db }: DoNotMailContext, req: EntryRequest, res: Response) {
  return findListedSuppression(db, publicationDeskOf(res).publication.id, req.params.id);
}

/** An administrator may do for one newsletter what holds for all. */
function rightOf({ now }: DoNotMailContext, entry: ListedSuppression, res: Response): LiftRight {
  const { reason, since, publication } = entry;
  const right = whoMayLift({ reason, everywhere: publication === null, createdAt: since }, now());
  return right === 'administrator' && mayEverywhere(res) ? 'operator' : right;
}

async function lift(context: DoNotMailContext, req: EntryRequest, res: Response): Promise<void> {
  await readForm(req, res);
  const { note } = addSchema.parse(req.body ?? {});
  const entry = await findEntry(context, req, res);
  if (entry === undefined) return leadToList(res, 'gone');
  if (note === '')
    return showEntry(context, req, res.status(422), {
      note,
      mistake: 'Say why, for whoever asks later. Nothing was changed.',
    });
  if (rightOf(context, entry, res) !== 'operator')
    return showEntry(context, req, res.status(409), { note, mistake: null });
  const isEverywhere = entry.publication === null && mayEverywhere(res);
  const publicationId = isEverywhere ? null : publicationDeskOf(res).publication.id;
  const lifted = await liftListed(asOperator(context, res), { id: entry.id, publicationId, note });
  if (lifted === undefined || lifted.lifted.length === 0) return leadToList(res, 'gone');
  if (entry.subscriptionId === null || entry.domain !== null) return leadToList(res, 'lifted');
  return res.redirect(303, `${pathOf(res)}/readers/${entry.subscriptionId}?done=lifted`);
}

function leadToList(res: Response, done: string): void {
  res.redirect(303, `${pathOf(res)}/readers/do-not-mail?done=${done}`);
}

function pathOf(res: Response): string {
  return deskPath(publicationDeskOf(res).publication);
}
