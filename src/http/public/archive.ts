import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { withoutPictures } from '../../articles/without-pictures.js';
import { openArchived, readArchive, type ArchivePage } from '../../digests/archive.js';
import type { Article } from '../../articles/article.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { findPublicationBySlug } from '../../publications/reads.js';
import { archiveFeed } from './archive-feed.js';
import { titled } from './archive-title.js';
import { ownOffer } from './own-offer.js';

type PageContext = Pick<Context, 'db' | 'links' | 'now' | 'publicUrl' | 'templates'>;

const A_PAGE = 20;
/** Short: what is retracted shall be gone from everywhere soon. */
const SHORTLY = 'public, max-age=60';

const uuid = z.uuid();

/** What was sent, for everybody to read: no reader's link is on these pages, and nothing is fetched from elsewhere. */
export function archiveRoutes(context: PageContext): Router {
  const { db, templates } = context;
  const router = express.Router();

  router.get('/:pub/archive', async (req, res, next) => {
    const publication = await openTo(context, req, res);
    if (publication === undefined) return next();
    const before = uuid.safeParse(req.query['before']).data;
    const page = { limit: A_PAGE, ...(before === undefined ? {} : { before }) };
    const { pages, next: older } = await readArchive({ db }, publication.id, page);
    const shown = pages.map((one) => titled(templates, publication, one));
    const data = { publication, pages: shown, older: older ?? null, isFirst: before === undefined };
    return res.type('html').send(templates.page('archive', publication.locale, data));
  });

  router.get('/:pub/archive/:digest', async (req, res, next) => {
    const publication = await openTo(context, req, res);
    const id = uuid.safeParse(req.params.digest).data;
    if (publication === undefined || id === undefined) return next();
    const opened = await openArchived({ db }, publication.id, id);
    if (opened.kind === 'unknown') return next();
    if (opened.kind === 'gone') return showGone(context, res, publication);
    return showDigest(context, res, publication, opened);
  });

  router.get('/:pub/feed.xml', async (req, res, next) => {
    const publication = await openTo(context, req, res);
    if (publication === undefined) return next();
    const { pages } = await readArchive({ db }, publication.id, { limit: A_PAGE });
    // Known again by its ETag alone: a date of the newest entry would not tell that something was taken out.
    return res.type('application/atom+xml').send(await archiveFeed(context, publication, pages));
  });

  return router;
}

/** Undefined: there is no such newsletter, or it keeps its archive to itself. */
async function openTo(
  { db }: PageContext,
  req: Request<{ pub: string }>,
  res: Response,
): Promise<Publication | undefined> {
  const publication = await findPublicationBySlug(db, req.params.pub);
  if (publication === undefined || publication.archive === 'off') return undefined;
  res.set('Cache-Control', SHORTLY);
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
      ...titled(templates, publication, page),
      articles: page.articles.map((article) => shownOf(article, publication)),
    },
    canonical: canonicalOf(publicUrl, publication, page),
    older: older ? titled(templates, publication, older) : null,
    newer: newer ? titled(templates, publication, newer) : null,
    email: '',
    errors: [],
    offer: await ownOffer(context, publication),
    source: `${publicUrl}/${publication.slug}/archive/${page.id}`,
  };
  res.type('html').send(templates.page('archived-digest', publication.locale, data));
}

/** An article's home is the publisher's site; a digest of several has its home here. */
function canonicalOf(publicUrl: string, { slug }: Publication, page: ArchivePage): string {
  const only = page.articles.length === 1 ? page.articles[0]?.url : undefined;
  return only ?? `${publicUrl}/${slug}/archive/${page.id}`;
}

function shownOf(article: Article, { contentMode }: Publication) {
  const { title, url, summary, authors, publishedAt, contentHtml } = article;
  return {
    title,
    url,
    summary,
    authors,
    publishedAt,
    contentHtml: contentMode === 'full' ? withoutPictures(contentHtml) : null,
  };
}

function showGone({ templates }: PageContext, res: Response, publication: Publication): void {
  res
    .status(410)
    .type('html')
    .send(templates.page('archive-gone', publication.locale, { publication }));
}
