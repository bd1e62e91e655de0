import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import { releaseArticle, skipArticle, type Decided } from '../../articles/decide.js';
import { readOverview } from '../../dashboard/overview.js';
import { sendDigest } from '../../deliveries/send-digest.js';
import type { Context } from '../../platform/context.js';
import { findPublication, findPublicationBySlug, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { answerError } from '../errors.js';
import { operatorOf, operatorsOnly } from '../guard.js';
import { privatePage } from '../security-headers.js';
import { circuitFlashes, circuitRoutes } from './circuit-routes.js';
import { digestRoutes } from './digest-routes.js';
import { entryRoutes } from './entry-routes.js';
import { holdFlashes, holdRoutes } from './hold-routes.js';
import { overviewPage } from './overview-page.js';
import { signUpRoutes } from './sign-up-routes.js';

type OperatorContext = Pick<Context, 'db' | 'now' | 'links' | 'templates' | 'publicUrl'>;

/** The operators' pages: in by a one-time link, then one page that says what happened and what comes next. */
export function operatorRoutes(context: OperatorContext): Router {
  const { db, templates } = context;
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '10kb' });
  router.use(privatePage);
  // Without a referrer, browsers hide the origin of our own forms from us too, and the guard could not tell them apart.
  router.use((_req, res, next) => {
    res.set('Referrer-Policy', 'same-origin');
    next();
  });

  router.use(entryRoutes(context));
  router.use(operatorsOnly(context));

  router.get('/', async (req, res) => {
    const publication = await chosen(context, req.query['publication']);
    const publications = await listPublications(db);
    if (publication === undefined)
      return res.type('html').send(templates.page('home', 'en', { publications }));
    const overview = await readOverview(context, publication);
    const flash = flashOf(req.query['done']);
    const signedIn = operatorOf(res)?.email ?? null;
    const page = { publication, publications, overview, flash, signedIn };
    return res.type('html').send(overviewPage(context, page));
  });

  router.post('/digests', form, async (req, res) => {
    const publication = await chosen(context, bodyField(req, 'publication'));
    if (publication === undefined) return answerError(context, req, res, { status: 404, page: 'notFound' });
    const sent = await sendDigest(context, publication.id);
    return res.redirect(303, backTo(publication, sent.kind));
  });
  router.use('/digests', digestRoutes(context, form));
  router.use('/circuits', circuitRoutes(context, form));
  router.use('/holds', holdRoutes(context, form));
  router.use('/sign-ups', signUpRoutes(context, form));

  const decision =
    (decide: (articleId: string) => Promise<Decided>, done: string) => async (req: Request) => {
      const id = z.uuid().safeParse(req.params['id']);
      const decided: Decided = id.success ? await decide(id.data) : { kind: 'too-late' };
      const publication =
        decided.kind === 'done' ? await findPublication(db, decided.publicationId) : undefined;
      return backTo(publication, decided.kind === 'done' ? done : 'too-late');
    };
  const release = decision((id) => releaseArticle(context, id), 'released');
  const skip = decision((id) => skipArticle(context, id), 'skipped');
  router.post('/articles/:id/release', async (req, res) => res.redirect(303, await release(req)));
  router.post('/articles/:id/skip', async (req, res) => res.redirect(303, await skip(req)));

  return router;
}

const flashes: Record<string, string> = {
  ...circuitFlashes,
  ...holdFlashes,
  sending: 'The digest is on its way. Its ledger below fills as mail servers answer.',
  'nobody-due': 'Nobody is due anything: every confirmed reader has everything. No digest was made.',
  released: 'The article is released. Instant readers get it now, the others with their next digest.',
  skipped: 'The article counts as already sent. Nobody is mailed it.',
  'too-late': 'That article was already released or skipped. Nothing was changed.',
};

function flashOf(done: unknown): string | null {
  return (typeof done === 'string' && Object.hasOwn(flashes, done) && flashes[done]) || null;
}

function backTo(publication: Publication | undefined, done: string): string {
  const query = new URLSearchParams({ ...(publication ? { publication: publication.slug } : {}), done });
  return `/operator?${query.toString()}`;
}

async function chosen({ db }: OperatorContext, slug: unknown): Promise<Publication | undefined> {
  if (typeof slug === 'string' && slug !== '') return findPublicationBySlug(db, slug);
  return (await listPublications(db))[0];
}

function bodyField(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}
