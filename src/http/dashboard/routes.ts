import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { releaseArticle, skipArticle, type ArticleDecision } from '../../articles/release/decide-article.js';
import { readOverview } from '../../dashboard/overview.js';
import { sendOperatorDigest } from '../../deliveries/plan/operator-digest.js';
import type { Context } from '../../platform/context.js';
import { findPublication, findPublicationBySlug, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { sendError } from '../errors/error-responses.js';
import { signedInOperator, requireOperator } from '../middleware/access-guards.js';
import { privatePage } from '../middleware/security-headers.js';
import { circuitFlashes, circuitRoutes } from './circuit-routes.js';
import { digestRoutes } from './digest-routes.js';
import { signInRoutes } from './sign-in-routes.js';
import { articleHoldFlashes, articleHoldRoutes } from './article-hold-routes.js';
import { renderOverviewPage } from './overview-page.js';
import { signUpRoutes } from './sign-up-routes.js';

type DashboardContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'publicUrl'>;

/** The operators' pages: in by a one-time link, then one page that says what happened and what comes next. */
export function dashboardRoutes(context: DashboardContext): Router {
  const { db, templates } = context;
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.use(privatePage);
  // Without a referrer, browsers hide the origin of our own forms from us too, and the guard could not tell them apart.
  router.use((_req, res, next) => {
    res.set('Referrer-Policy', 'same-origin');
    next();
  });

  router.use(signInRoutes(context));
  router.use(requireOperator(context));

  router.get('/', async (req, res) => {
    const publication = await findChosenPublication(context, req.query['publication']);
    const publications = await listPublications(db);
    if (publication === undefined)
      return res.type('html').send(templates.page('home', 'en', { publications }));
    const overview = await readOverview(context, publication);
    const flash = flashMessage(req.query['done']);
    const signedIn = signedInOperator(res)?.email ?? null;
    const page = { publication, publications, overview, flash, signedIn };
    return res.type('html').send(renderOverviewPage(context, page));
  });

  router.post('/digests', form, async (req, res) => {
    const publication = await findChosenPublication(context, bodyField(req, 'publication'));
    if (publication === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
    const sent = await sendOperatorDigest(context, publication.id);
    return res.redirect(303, overviewUrl(publication, sent.kind));
  });
  router.use('/digests', digestRoutes(context, form));
  router.use('/circuits', circuitRoutes(context, form));
  router.use('/holds', articleHoldRoutes(context, form));
  router.use('/sign-ups', signUpRoutes(context, form));

  const decision =
    (decide: (articleId: string) => Promise<ArticleDecision>, done: string) => async (req: Request) => {
      const id = z.uuid().safeParse(req.params['id']);
      const decided: ArticleDecision = id.success ? await decide(id.data) : { kind: 'too-late' };
      const publication =
        decided.kind === 'done' ? await findPublication(db, decided.publicationId) : undefined;
      return overviewUrl(publication, decided.kind === 'done' ? done : 'too-late');
    };
  const release = decision((id) => releaseArticle(context, id), 'released');
  const skip = decision((id) => skipArticle(context, id), 'skipped');
  router.post('/articles/:id/release', async (req, res) => res.redirect(303, await release(req)));
  router.post('/articles/:id/skip', async (req, res) => res.redirect(303, await skip(req)));

  return router;
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...articleHoldFlashes,
  sending: 'The digest is on its way. Its ledger below fills as mail servers answer.',
  'nobody-due': 'Nobody is due anything: every confirmed reader has everything. No digest was made.',
  released: 'The article is released. Instant readers get it now, the others with their next digest.',
  skipped: 'The article counts as already sent. Nobody is mailed it.',
  'too-late': 'That article was already released or skipped. Nothing was changed.',
};

function flashMessage(done: unknown): string | null {
  return (typeof done === 'string' && Object.hasOwn(flashes, done) && flashes[done]) || null;
}

function overviewUrl(publication: Publication | undefined, done: string): string {
  const query = new URLSearchParams({ ...(publication ? { publication: publication.slug } : {}), done });
  return `/operator?${query.toString()}`;
}

async function findChosenPublication(
  { db }: DashboardContext,
  slug: unknown,
): Promise<Publication | undefined> {
  if (typeof slug === 'string' && slug !== '') return findPublicationBySlug(db, slug);
  return (await listPublications(db))[0];
}

function bodyField(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
