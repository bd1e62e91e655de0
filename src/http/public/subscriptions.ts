import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Context } from '../../platform/context.js';
import { findPublicationBySlug, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { parseAddress } from '../../subscribers/address.js';
import { signUp } from '../../subscribers/sign-up.js';
import { answerError, answerProblem, wantsJson } from '../errors.js';
import { createNetworkLimit } from '../network-limit.js';
import { sealTicket } from './check-inbox.js';
import { showArchived } from './token-pages.js';

type PublicContext = Pick<Context, 'db' | 'now' | 'links' | 'templates'>;

const text = (most: number) => z.string().max(most);

/** What the form, the embed and programs may send. Unknown fields are ignored: a publisher's form may have its own. */
const formSchema = z.object({
  email: text(1000).default(''),
  cadence: text(20).optional(),
  timezone: text(60).optional(),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional()
    .catch(undefined),
  source: text(2000).optional().catch(undefined),
  website: text(1000).default(''),
});

type Form = z.infer<typeof formSchema>;
type FieldError = { field: string; message: string };

/** The sign-up page and its form: the line under every article leads here. */
export function subscriptionRoutes(context: PublicContext): Router {
  const { db, templates } = context;
  const limit = createNetworkLimit(context, 'sign-up');
  const router = express.Router();

  router.get('/', async (_req, res) => {
    const [only, ...others] = await listPublications(db);
    if (only !== undefined && others.length === 0) return res.redirect(302, `/${only.slug}`);
    return res.type('html').send(templates.page('home', 'en', { publications: await listPublications(db) }));
  });

  router.get('/:pub', async (req, res, next) => {
    const publication = await findPublicationBySlug(db, req.params.pub);
    if (publication === undefined) return next();
    return showForm(context, res, publication, { status: 200, email: '', source: '', errors: [] });
  });

  router.post(
    '/:pub/subscriptions',
    express.urlencoded({ extended: false, limit: '20kb' }),
    express.json({ limit: '20kb' }),
    async (req, res, next) => {
      const publication = await findPublicationBySlug(db, req.params['pub']);
      if (publication === undefined) return next();
      if (publication.archivedAt !== null) return showArchived(context, res, publication);
      const form = formSchema.safeParse(req.body ?? {});
      if (!form.success) return answerError(context, req, res, { status: 422, page: 'refused' });
      const errors = mistakesIn(context, publication, form.data);
      if (errors.length > 0) return refuse(context, req, res, publication, form.data, errors);
      const within = await limit(req.ip);
      if (within.kind === 'too-many') return tooMany(context, req, res, publication, within.seconds);
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

function refuse(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  form: Form,
  errors: FieldError[],
): void {
  if (wantsJson(req)) {
    return answerProblem(res, 422, 'invalid-form', errors.map((error) => error.message).join(' '));
  }
  return showForm(context, res, publication, {
    status: 422,
    email: form.email,
    source: form.source ?? '',
    errors,
  });
}

function tooMany(
  context: PublicContext,
  req: Request,
  res: Response,
  publication: Publication,
  seconds: number,
): void {
  const detail = context.templates.t(publication.locale, 'errors.tooMany', {
    count: Math.ceil(seconds / 60),
  });
  res.set('Retry-After', String(seconds));
  answerError(context, req, res, { status: 429, page: 'tooMany', detail });
}

function showForm(
  { templates }: PublicContext,
  res: Response,
  publication: Publication,
  form: { status: number; email: string; source: string; errors: FieldError[] },
): void {
  if (publication.archivedAt !== null) return showArchived({ templates }, res, publication);
  const data = { publication, perWeek: null, ...form };
  res
    .status(form.status)
    .type('html')
    .send(templates.page('sign-up', publication.locale, data));
}
