import { Router, type Request, type Response } from 'express';
import { readForm } from '../../middleware/read-body.js';
import { subscribeCommenter } from './comment-sign-up.js';
import { rssFeed } from './feed.js';
import { homeUrl, showArticle, showHome, siteUrl, type CommentState, type DemoPageContext } from './pages.js';
import { pictureOf, type PublishedStory } from './story.js';

type DemoOptions = DemoPageContext & {
  /** Reads the feed, so that a story is known before its page is shown. */
  onPublish: () => Promise<void>;
};

/** A publisher's site for trying everything: articles, a feed, the form, and a button that publishes. */
export function demoRoutes({ onPublish, ...context }: DemoOptions): Router {
  const { site } = context;
  const router = Router();

  router.get('/', (req, res) => showHome(context, req, res));

  router.get('/articles/:slug', async (req, res, next) => {
    const story = await site.find(req.params.slug);
    if (!story) return next();
    return await showArticle(context, req, res, story, readComment(req.query['comment']));
  });

  router.post('/articles/:slug/comments', async (req, res, next) => {
    const story = await site.find(req.params.slug);
    if (!story) return next();
    await readForm(req, res);
    return await takeComment(context, req, res, story);
  });

  router.get('/feed.xml', async (req, res) => {
    res.set('Cache-Control', 'no-cache').type('application/rss+xml; charset=utf-8');
    const pictureUrl = (story: PublishedStory) =>
      new URL(context.templates.assetPath(pictureOf(story)), homeUrl(req)).href;
    res.send(rssFeed(await site.published(), siteUrl(req), pictureUrl));
  });

  router.post('/articles', async (req, res) => {
    const story = await site.publishNext();
    await onPublish();
    res.redirect(303, `${req.baseUrl}/articles/${story.slug}`);
  });

  return router;
}

function readComment(state: unknown): CommentState {
  return { state: state === 'taken' || state === 'asked' ? state : 'none' };
}

/** Signs the commenter up when she ticked the box. */
async function takeComment(
  context: DemoPageContext,
  req: Request,
  res: Response,
  story: PublishedStory,
): Promise<void> {
  const path = `${req.baseUrl}/articles/${story.slug}`;
  const { newsletter, email } = (req.body ?? {}) as Record<string, unknown>;
  if (newsletter !== 'yes') return res.redirect(303, `${path}?comment=taken#reply`);
  const { slug } = await context.publication();
  const source = homeUrl(req) + path;
  const result = await subscribeCommenter(homeUrl(req), slug, { email, source });
  if (result.kind === 'asked') return res.redirect(303, `${path}?comment=asked#reply`);
  const { reason, suggestion } = result;
  const typed = typeof email === 'string' ? email : '';
  return await showArticle(context, req, res.status(422), story, {
    state: 'refused',
    reason,
    email: typed,
    suggestion,
  });
}
