import { Router, type Request } from 'express';
import type { Templates } from '../../platform/templates.js';
import { PAPER, rssFeed } from './feed.js';
import type { DemoSite } from './site.js';
import { readingMinutes, storyHtml, type PublishedStory } from './story.js';

type DemoOptions = {
  templates: Templates;
  site: DemoSite;
  /** The newsletter whose form stands at the end of each article. */
  publication: () => Promise<{ slug: string; name: string }>;
  /** Reads the feed, so that a story is known before its page is shown. */
  onPublish: () => Promise<void>;
};

/** A publisher's site to try the whole way with: articles, a feed, the form, and a button that publishes. */
export function demoRoutes({ templates, site, publication, onPublish }: DemoOptions): Router {
  const router = Router();
  const page = async (name: string, req: Request, data: Record<string, unknown>) =>
    templates.page(name, 'en', {
      ...frame(req),
      publication: await publication(),
      source: sourceOf(req),
      ...data,
    });

  router.get('/', async (req, res) => {
    const stories = await site.published();
    res.send(await page('demo-home', req, { stories: stories.map(shown) }));
  });

  router.get('/articles/:slug', async (req, res, next) => {
    const story = await site.find(req.params.slug);
    if (!story) return next();
    const others = (await site.published()).filter((other) => other.slug !== story.slug).slice(0, 3);
    return res.send(await page('demo-article', req, { story: shown(story), others: others.map(shown) }));
  });

  router.get('/feed.xml', async (req, res) => {
    res.set('Cache-Control', 'no-cache').type('application/rss+xml; charset=utf-8');
    res.send(rssFeed(await site.published(), baseOf(req)));
  });

  router.post('/articles', async (req, res) => {
    const story = await site.publishNext();
    await onPublish();
    res.redirect(303, `${req.baseUrl}/articles/${story.slug}`);
  });

  return router;
}

function frame(req: Request): Record<string, unknown> {
  return { paper: PAPER, base: req.baseUrl, email: '', errors: [], zone: serverZone() };
}

function shown(story: PublishedStory): Record<string, unknown> {
  return { ...story, minutes: readingMinutes(story), html: storyHtml(story) };
}

function sourceOf(req: Request): string {
  return req.baseUrl + (req.path === '/' ? '' : req.path);
}

function baseOf(req: Request): string {
  return `${req.protocol}://${req.get('host') ?? 'localhost'}${req.baseUrl}`;
}

/** The demo runs on the reader's own machine, so that machine's clock is hers. */
function serverZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
