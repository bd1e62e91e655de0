import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { releaseArticle, skipArticle, type ArticleDecision } from '../../articles/release/decide-article.js';
import { readOverview } from '../../dashboard/overview.js';
import { sendOperatorDigest } from '../../deliveries/plan/operator-digest.js';
import type { Context } from '../../platform/context.js';
import { findPublication, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { sendError } from '../errors/error-responses.js';
import { signedInOperator, requireOperator } from '../middleware/access-guards.js';
import { readForm } from '../middleware/read-body.js';
import { privatePage } from '../middleware/security-headers.js';
import { alertRoutes } from './alert-routes.js';
import { choosePublication } from './choose-publication.js';
import { circuitFlashes, circuitRoutes } from './circuit-routes.js';
import { digestRoutes } from './digest-routes.js';
import { signInRoutes } from './sign-in-routes.js';
import { articleHoldFlashes, articleHoldRoutes } from './article-hold-routes.js';
import { renderOverviewPage } from './overview-page.js';
import { signUpRoutes } from './sign-up-routes.js';
import { welcomeRoutes } from './welcome-routes.js';

type DashboardContext = Pick<
  Context,
  'db' | 'log' | 'now' | 'links' | 'templates' | 'publicUrl' | 'hashAddress'
>;

/** The operators' pages, behind a one-time link; the first is an overview of what was sent and what comes next. */
export function dashboardRoutes(context: DashboardContext): Router {
  const router = express.Router();
  router.use(privatePage);
  // Under `no-referrer` browsers send `Origin: null` with our own forms too, and `requireSameOrigin` would refuse them.
  router.use((_req, res, next) => {
    res.set('Referrer-Policy', 'same-origin');
    next();
  });

  router.use(signInRoutes(context));
  router.use(requireOperator(context));

  router.get('/', (req, res) => showOverview(context, req, res));
  router.post('/digests', (req, res) => sendDigestNow(context, req, res));
  router.use('/digests', digestRoutes(context));
  router.use('/alerts', alertRoutes(context));
  router.use('/circuits', circuitRoutes(context));
  router.use('/holds', articleHoldRoutes(context));
  router.use('/sign-ups', signUpRoutes(context));
  router.use('/welcome', welcomeRoutes(context));
  router.post('/articles/:id/release', (req, res) =>
    decideArticle(context, req, res, { decide: (id) => releaseArticle(context, id), done: 'released' }),
  );
  router.post('/articles/:id/skip', (req, res) =>
    decideArticle(context, req, res, { decide: (id) => skipArticle(context, id), done: 'skipped' }),
  );

  return router;
}

async function showOverview(context: DashboardContext, req: Request, res: Response): Promise<void> {
  const publication = await choosePublication(context, req.query['publication'] || undefined);
  const publications = await listPublications(context.db);
  res.type('html');
  if (publication === undefined) return void res.send(context.templates.page('home', 'en', { publications }));
  const overview = await readOverview(context, publication);
  const flash = flashMessage(req.query['done']);
  const signedIn = signedInOperator(res)?.email ?? null;
  res.send(renderOverviewPage(context, { publication, publications, overview, flash, signedIn }));
}

async function sendDigestNow(context: DashboardContext, req: Request, res: Response): Promise<void> {
  await readForm(req, res);
  const publication = await choosePublication(context, bodyField(req, 'publication') || undefined);
  if (publication === undefined) return sendError(context, req, res, { status: 404, page: 'notFound' });
  const sent = await sendOperatorDigest(context, publication.id);
  return res.redirect(303, overviewUrl(publication, sent.kind));
}

async function decideArticle(
  { db }: DashboardContext,
  req: Request,
  res: Response,
  { decide, done }: { decide: (articleId: string) => Promise<ArticleDecision>; done: string },
): Promise<void> {
  const id = z.uuid().safeParse(req.params['id']);
  const decided: ArticleDecision = id.success ? await decide(id.data) : { kind: 'too-late' };
  if (decided.kind !== 'done') return res.redirect(303, overviewUrl(undefined, 'too-late'));
  const publication = await findPublication(db, decided.publicationId);
  return res.redirect(303, overviewUrl(publication, done));
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...articleHoldFlashes,
  sending: 'The digest is on its way. Its ledger below fills as mail servers answer.',
  'nobody-due': 'Nobody is due anything. No digest was made.',
  released:
    'The article is released. Instant readers are mailed it at once, the others with their next digest.',
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

function bodyField(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
