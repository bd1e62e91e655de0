import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { addFeed, removeFeed, type AddFeedResult } from '../../../articles/feeds/change-feeds.js';
import { describeFeedHealth } from '../../../articles/feeds/health.js';
import { feedHookUrl } from '../../../articles/feeds/hook.js';
import { pollSoon } from '../../../articles/feeds/poll-soon.js';
import type { Feed } from '../../../articles/feeds/feed.js';
import { findFeed, findFeedPublication, listFeeds } from '../../../articles/feeds/reads.js';
import { checkFeedAddress } from '../../../articles/poll/check-feed.js';
import type { Context } from '../../../platform/context.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { requireOwn } from '../frame/own-row.js';
import { leadBack } from '../setup/lead-back.js';
import { previewFeed, type FeedPreview } from './feed-preview.js';
import { readWebAddress } from './web-address.js';

export type FeedContext = Pick<Context, 'db' | 'fetchPage' | 'links' | 'now' | 'publicUrl' | 'templates'>;

const PAGE = '/settings/feeds';

/** While a feed is parsed no other page is answered. */
const MAX_PARSE_MS = 2000;

const includeNewestSchema = z.coerce.number().int().min(0).max(5).catch(0);

/** The feeds of a newsletter: how they are, one more, one less. */
export function feedRoutes(context: FeedContext): Router {
  const router = express.Router();
  const own = requireOwn(context, findFeedPublication);
  router.get('/', (req, res) => showFeeds(context, req, res));
  router.post('/', (req, res) => followFeed(context, req, res));
  router.post('/check', (req, res) => checkFeed(context, req, res));
  router.post('/:id/poll', own, async (req, res) => {
    const feed = await findFeed(context.db, req.params.id);
    if (feed !== undefined) await pollSoon(context, feed);
    return leadBack(req, res, PAGE, 'polling');
  });
  router.post('/:id/remove', own, async (req, res) => {
    await removeFeed(asOperator(context, res), req.params.id);
    return leadBack(req, res, PAGE, 'removed');
  });
  return router;
}

/** Shows what following it would bring; nothing is stored. */
async function checkFeed(context: FeedContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const typed = readWebAddress(req.body?.url);
  if (typed === '') return refuse(context, req, res, typed, 'Enter the address of your site or of its feed.');
  const { url, result } = await checkFeedAddress(context.fetchPage, typed, MAX_PARSE_MS);
  if (result.kind === 'unreadable') return refuse(context, req, res, typed, result.reason);
  const preview = previewFeed(context, url, result, publicationDeskOf(res).publication);
  return showFeeds(context, req, res, { typed: url, preview });
}

/** A worker looks at it within seconds: reading a large feed would keep other pages waiting here. */
async function followFeed(context: FeedContext, req: Request, res: Response): Promise<void> {
  await readDeskForm(req, res);
  const { publication } = publicationDeskOf(res);
  const url = readWebAddress(req.body?.url);
  const includeNewest = includeNewestSchema.parse(req.body?.includeNewest);
  const added = await addFeed(asOperator(context, res), {
    publicationId: publication.id,
    url,
    includeNewest,
  });
  if (added.kind !== 'added') return refuse(context, req, res, url, refusals[added.kind]);
  return leadBack(req, res, PAGE, 'followed');
}

const refusals: Record<Exclude<AddFeedResult['kind'], 'added'>, string> = {
  known: 'This newsletter follows that feed already. Nothing was changed.',
  'not-an-address': 'This is not a web address. It should look like https://example.com/feed.xml.',
};

function refuse(context: FeedContext, req: Request, res: Response, typed: string, mistake: string) {
  return showFeeds(context, req, res.status(422), { typed, mistake });
}

type Shown = { typed?: string; mistake?: string; preview?: FeedPreview };

async function showFeeds(
  context: FeedContext,
  req: Request,
  res: Response,
  { typed = '', mistake, preview }: Shown = {},
): Promise<void> {
  const feeds = await listFeeds(context.db, publicationDeskOf(res).publication.id);
  sendDeskPage(context, res, 'dashboard-settings-feeds', {
    flash: findFlash(flashes, req.query['done']),
    feeds: feeds.map((feed) => describeFeed(context, feed)),
    typed,
    mistake: mistake ?? null,
    preview: preview ?? null,
    back: req.body?.back === 'set-up' ? 'set-up' : null,
  });
}

function describeFeed(context: FeedContext, feed: Feed) {
  const { state, sentence } = describeFeedHealth(feed, context.now());
  const { id, url, title } = feed;
  return {
    id,
    url,
    title,
    ok: state !== 'failing' && state !== 'gone',
    health: sentence,
    hookUrl: feedHookUrl(context, feed),
  };
}

const flashes: Record<string, string> = {
  followed: 'The feed is followed from now on, and looked at within seconds.',
  polling:
    'It is looked at within seconds, at most once in half a minute. Load this page again to see what was found.',
  removed: 'It is not looked at any more. Articles that it brought stay.',
};
