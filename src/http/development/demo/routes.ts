import express, { Router, type Request, type Response } from 'express';
import type { Templates } from '../../../platform/templates/templates.js';
import type { HostedFormOptions } from '../../public/sign-up/hosted-form-options.js';
import { subscribeCommenter } from './comment-sign-up.js';
import { PAPER, rssFeed } from './feed.js';
import type { DemoSite } from './site.js';
import { readingMinutes, storyHtml, type PublishedStory } from './story.js';

type DemoOptions = {
  templates: Templates;
  site: DemoSite;
  /** The newsletter whose form stands at the end of each article. */
  publication: () => Promise<{ slug: string; name: string }>;
  offer: () => Promise<HostedFormOptions>;
  /** Reads the feed, so that a story is known before its page is shown. */
  onPublish: () => Promise<void>;
};

/** A publisher's site to try the whole way with: articles, a feed, the form, and a button that publishes. */
export function demoRoutes({ templates, site, publication, offer, onPublish }: DemoOptions): Router {
  const router = Router();
  const page = async (name: string, req: Request, data: Record<string, unknown>) =>
    templates.page(name, 'en', {
      ...layoutData(req),
      publication: await publication(),
      offer: await offer(),
      source: sourceOf(req),
      ...data,
    });

  const showArticle = async (req: Request, res: Response, story: PublishedStory, comment: CommentState) => {
    const others = (await site.published()).filter((other) => other.slug !== story.slug).slice(0, 3);
    res.send(
      await page('demo-article', req, { story: storyView(story), others: others.map(storyView), comment }),
    );
  };

  router.get('/', async (req, res) => {
    const stories = await site.published();
    res.send(await page('demo-home', req, { stories: stories.map(storyView) }));
  });

  router.get('/articles/:slug', async (req, res, next) => {
    const story = await site.find(req.params.slug);
    if (!story) return next();
    const comment = readComment(req.query['comment']);
    return await showArticle(req, res, story, comment);
  });

  router.post(
    '/articles/:slug/comments',
    express.urlencoded({ extended: false, limit: '20kb' }),
    async (req, res, next) => {
      const story = await site.find(req.params['slug'] ?? '');
      if (!story) return next();
      const path = `${req.baseUrl}/articles/${story.slug}`;
      const fields = (req.body ?? {}) as Record<string, unknown>;
      if (fields['newsletter'] !== 'yes') return res.redirect(303, `${path}?comment=taken#reply`);
      const { slug } = await publication();
      const asked = await subscribeCommenter(originOf(req), slug, {
        email: fields['email'],
        source: originOf(req) + path,
      });
      if (asked.kind === 'asked') return res.redirect(303, `${path}?comment=asked#reply`);
      res.status(422);
      const { reason, suggestion } = asked;
      const email = typeof fields['email'] === 'string' ? fields['email'] : '';
      return await showArticle(req, res, story, { state: 'refused', reason, email, suggestion });
    },
  );

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

/** What became of a comment; the demo keeps none. */
type CommentState =
  | { state: 'none' | 'taken' | 'asked' }
  | { state: 'refused'; reason: string; email: string; suggestion: string | null };

function readComment(state: unknown): CommentState {
  return { state: state === 'taken' || state === 'asked' ? state : 'none' };
}

function layoutData(req: Request): Record<string, unknown> {
  return { paper: PAPER, base: req.baseUrl, email: '', errors: [], zone: serverZone() };
}

function storyView(story: PublishedStory): Record<string, unknown> {
  return { ...story, minutes: readingMinutes(story), html: storyHtml(story) };
}

function sourceOf(req: Request): string {
  return baseOf(req) + (req.path === '/' ? '' : req.path.replace(/\/comments$/, ''));
}

function baseOf(req: Request): string {
  return originOf(req) + req.baseUrl;
}

function originOf(req: Request): string {
  return `${req.protocol}://${req.get('host') ?? 'localhost'}`;
}

/** The demo runs on the reader's own machine, so that machine's clock is hers. */
function serverZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
