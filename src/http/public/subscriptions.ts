import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { readArchive } from '../../digests/archive.js';
import type { Context } from '../../platform/context.js';
import { findPublicationBySlug, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { parseAddress } from '../../subscribers/address.js';
import { signUp } from '../../subscribers/sign-up.js';
import { answerError, answerProblem, answerTooMany, wantsJson } from '../errors.js';
import { createNetworkLimit } from '../network-limit.js';
import { titled } from './archive-title.js';
import { sealTicket } from './check-inbox.js';
import { showArchived } from './token-pages.js';

type PublicContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

/** One line: control characters are refused at the edge (S36). */
const line = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u);

/** What the form, the embed and programs may send. Unknown fields are ignored: a publisher's form may have its own. */
const formSchema = z.object({
  email: z.string().default(''),
  cadence: line(20).optional(),
  timezone: line(60).optional(),
  topics: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(line(60)).max(30))
    .default([]),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional()
    .catch(undefined),
  source: line(2000).optional().catch(undefined),
  website: z.string().default(''),
});

type Form = z.infer<typeof formSchema>;
/** Sent newsletters on the sign-up page. */
const LATEST = 5;
const NOTHING = { pages: [] };

type FieldError = { field: string; message: string };

/** The sign-up page and its form: the line under every article leads here. */
export function subscriptionRoutes(context: PublicContext): Router {
  const { db, templates } = context;
  const limit = createNetworkLimit(context, 'sign-up');
  const router = express.Router();

  router.get('/', async (_req, res) => {
    const publications = await listPublications(db);
    const [only, ...others] = publications;
    if (only !== undefined && others.length === 0) return res.redirect(302, `/${only.slug}`);
    return res.type('html').send(templates.page('home', 'en', { publications }));
  });

  router.get('/:pub', async (req, res, next) => {
    const publication = await findPublicationBySlug(db, req.params.pub);
    if (publication === undefined) return next();
    return await showForm(context, res, publication, { status: 200, email: '', source: '', errors: [] });
  });

  router.post(
    '/:pub/subscriptions',
    express.urlencoded({ extended: false, limit: '20kb' }),
    express.json({ limit: '20kb' }),
    async (req, res, next) => {
      const publication = await findPublicationBySlug(db, req.params['pub']);
      if (publication === undefined) return next();
      if (publication.archivedAt !== null) return refuseArchived(context, req, res, publication);
      // A body of another type has not been read: to call the address empty would be untrue.
      if (req.is(['urlencoded', 'json']) === false)
        return answerError(context, req, res, { status: 415, page: 'refused' });
      const form = formSchema.safeParse(req.body ?? {});
      if (!form.success) return refuseFields(context, req, res, form.error);
      const errors = mistakesIn(context, publication, form.data);
      if (errors.length > 0) return refuse(context, req, res, publication, form.data, errors);
      const within = await limit(req.ip);
      if (within.kind === 'too-many')
        return answerTooMany(context, req, res, publication.locale, within.seconds);
      return record(context, req, res, publication, form.data);
    },
  );

  return router;
}

/** The same for every address, whatever we know of it: that is told by mail, to its owner. */
async function record(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: Form,
): Promise<void> {
  const parsed = parseAddress(form.email);
  if (parsed.kind === 'malformed') throw new Error('A malformed address got past the check');
  const request = await signUp(context, {
    publicationId: publication.id,
    email: parsed.address.email,
    locale: form.locale ?? null,
    timezone: form.timezone ?? null,
    cadence: form.cadence ?? null,
    topics: form.topics,
    source: form.source || null,
  });
  const ticket = sealTicket(context, publication.id, request.id, 0);
  res.set('Cache-Control', 'no-store');
  if (wantsJson(req)) res.status(202).json({ status: 'check-inbox' });
  else res.redirect(303, `/check-inbox/${ticket}`);
}

function mistakesIn({ templates }: PublicContext, publication: Publication, form: Form): FieldError[] {
  const message = (key: string) => templates.t(publication.locale, key);
  // Somebody's browser may have filled the trap: she is told, and loses nothing. A program is not helped by it.
  if (form.website !== '') return [{ field: 'website', message: message('errors.trap') }];
  if (form.email.trim() === '') return [{ field: 'email', message: message('errors.email.empty') }];
  if (parseAddress(form.email).kind === 'address') return [];
  return [{ field: 'email', message: message('errors.email.malformed') }];
}

function refuseFields(context: PublicContext, req: Request, res: Response, error: z.ZodError): void {
  const fields = [...new Set(error.issues.map((issue) => issue.path.join('.')))].join(', ');
  const detail = fields === '' ? undefined : context.templates.t('en', 'errors.fields', { fields });
  answerError(context, req, res, { status: 422, page: 'refused', ...(detail ? { detail } : {}) });
}

function refuseArchived(context: PublicContext, req: Request, res: Response, publication: Publication): void {
  if (!wantsJson(req)) return showArchived(context, res, publication);
  return answerProblem(res, 410, 'archived', context.templates.t(publication.locale, 'archived.what'));
}

async function refuse(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: Form,
  errors: FieldError[],
): Promise<void> {
  if (wantsJson(req)) {
    return answerProblem(res, 422, 'invalid-form', errors.map((error) => error.message).join(' '));
  }
  return await showForm(context, res, publication, {
    status: 422,
    email: form.email,
    source: form.source ?? '',
    errors,
  });
}

/** With the latest newsletters under it, where they are for everybody. */
async function showForm(
  { db, templates }: PublicContext,
  res: Response,
  publication: Publication,
  form: { status: number; email: string; source: string; errors: FieldError[] },
): Promise<void> {
  if (publication.archivedAt !== null) return showArchived({ templates }, res, publication);
  const latest =
    publication.archive === 'public' ? await readArchive({ db }, publication.id, { limit: LATEST }) : NOTHING;
  const data = {
    publication,
    perWeek: null,
    ...form,
    pages: latest.pages.map((one) => titled(templates, publication, one)),
  };
  res
    .status(form.status)
    .type('html')
    .send(templates.page('sign-up', publication.locale, data));
}
