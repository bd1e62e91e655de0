import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { removeImages } from '../../../articles/clean/remove-images.js';
import { findArchivePage, listArchivePages, type ArchivePage } from '../../../digests/archive/pages.js';
import type { Article } from '../../../articles/article.js';
import type { Context } from '../../../platform/context.js';
import { textDirection } from '../../../platform/text/direction.js';
import { resolveDirections } from '../../../platform/text/resolve-directions.js';
import type { Publication } from '../../../publications/publication.js';
import { expandUuid } from '../../../platform/uuid.js';
import { findDigest } from '../../../digests/reads.js';
import { findPublication, findPublicationBySlug } from '../../../publications/reads.js';
import { renderArchiveFeed } from './atom-feed.js';
import { withTitle } from '../digest-title.js';
import { readHostedFormOptions } from '../sign-up/hosted-form-options.js';

type PageContext = Pick<Context, 'db' | 'links' | 'now' | 'publicUrl' | 'templates'>;

const PAGE_SIZE = 20;
/** A minute, so that a retracted article is soon gone from caches too. */
const CACHE_CONTROL = 'public, max-age=60';

const uuid = z.uuid();

/** Sent digests on the web, without any reader's links and without pictures or other content from elsewhere. */
export function archiveRoutes(context: PageContext): Router {
  const { db, templates } = context;
  const router = express.Router();

  router.get('/:pub/archive', async (req, res, next) => {
    const publication = await findReadableArchive(context, req, res);
    if (publication === undefined) return next();
    const before = uuid.safeParse(req.query['before']).data;
    const page = { limit: PAGE_SIZE, ...(before === undefined ? {} : { before }) };
    const { pages, next: older } = await listArchivePages({ db }, publication.id, page);
    const shown = pages.map((one) => withTitle(templates, publication, one));
    const data = { publication, pages: shown, older: older ?? null, isFirst: before === undefined };
    return res.type('html').send(templates.page('archive', publication.locale, data));
  });

  router.get('/:pub/archive/:digest', async (req, res, next) => {
    const publication = await findReadableArchive(context, req, res);
    const id = expandUuid(req.params.digest) ?? uuid.safeParse(req.params.digest).data;
    if (publication === undefined || id === undefined) return next();
    const opened = await findArchivePage({ db }, publication.id, id);
    if (opened.kind === 'unknown') return next();
    if (opened.kind === 'gone') return showGone(context, res, publication);
    return showDigest(context, res, publication, opened);
  });

  // As mails have it where the slug is long: the digest's id says whose it is.
  router.get(['/archive/:digest', '/:pub/archive/:digest'], async (req, res, next) => {
    const id = expandUuid(String(req.params['digest']));
    const digest = id === undefined ? undefined : await findDigest(db, id);
    const publication = digest && (await findPublication(db, digest.publicationId));
    if (publication === undefined || publication.slug === req.params['pub']) return next();
    return res.redirect(302, `/${publication.slug}/archive/${id}`);
  });

  router.get('/:pub/feed.xml', async (req, res, next) => {
    const publication = await findReadableArchive(context, req, res);
    if (publication === undefined) return next();
    const { pages } = await listArchivePages({ db }, publication.id, { limit: PAGE_SIZE });
    // No Last-Modified, only the ETag that Express sets: the newest entry's date stays the same when an entry is retracted.
    return res.type('application/atom+xml').send(await renderArchiveFeed(context, publication, pages));
  });

  return router;
}

/**
 * Undefined for an unknown publication, and for one without a public archive. Sets the headers for caches and search
 * engines.
 */
async function findReadableArchive(
  { db }: PageContext,
  req: Request<{ pub: string }>,
  res: Response,
): Promise<Publication | undefined> {
  const publication = await findPublicationBySlug(db, req.params.pub);
  if (publication === undefined || publication.archive === 'off') return undefined;
  res.set('Cache-Control', CACHE_CONTROL);
  if (publication.archive === 'unlisted') res.set('X-Robots-Tag', 'noindex');
  return publication;
}

async function showDigest(
  context: PageContext,
  res: Response,
  publication: Publication,
  {
    page,
    older,
    newer,
  }: { page: ArchivePage<Article>; older?: ArchivePage | undefined; newer?: ArchivePage | undefined },
): Promise<void> {
  const { publicUrl, templates } = context;
  const data = {
    publication,
    page: {
      ...withTitle(templates, publication, page),
      articles: page.articles.map((article) => articleView(article, publication)),
    },
    canonical: canonicalOf(publicUrl, publication, page),
    older: older ? withTitle(templates, publication, older) : null,
    newer: newer ? withTitle(templates, publication, newer) : null,
    email: '',
    errors: [],
    offer: await readHostedFormOptions(context, publication),
    source: `${publicUrl}/${publication.slug}/archive/${page.id}`,
  };
  const direction = textDirection(templates.resolveLocale(publication.locale));
  const html = templates.page('archived-digest', publication.locale, data);
  res.type('html').send(resolveDirections(html, direction));
}

/** The canonical URL (RFC 6596): of a digest with one article, the article on the publisher's site; otherwise this page. */
function canonicalOf(publicUrl: string, { slug }: Publication, page: ArchivePage): string {
  const only = page.articles.length === 1 ? page.articles[0]?.url : undefined;
  return only ?? `${publicUrl}/${slug}/archive/${page.id}`;
}

function articleView(article: Article, { contentMode }: Publication) {
  const { title, url, summary, authors, publishedAt, contentHtml } = article;
  return {
    title,
    url,
    summary,
    authors,
    publishedAt,
    contentHtml: contentMode === 'full' ? removeImages(contentHtml) : null,
  };
}

function showGone({ templates }: PageContext, res: Response, publication: Publication): void {
  res
    .status(410)
    .type('html')
    .send(templates.page('archive-gone', publication.locale, { publication }));
}
