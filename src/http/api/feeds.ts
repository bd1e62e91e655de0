import { z } from 'zod';
import { addFeed } from '../../articles/add-feed.js';
import { askPoll } from '../../articles/ask-poll.js';
import { feedHookUrl } from '../../articles/feed-hook.js';
import { feedHealth } from '../../articles/feed-health.js';
import type { Feed } from '../../articles/feed.js';
import { findFeed, listFeeds } from '../../articles/feed-reads.js';
import { dropFeed } from '../../articles/drop-feed.js';
import { listOf, pageOf, pageQuery, readPage } from './cursor.js';
import { endpoint, Problem, type ApiContext } from './endpoint.js';
import { livePublication, namedPublication, publicationField } from './publications.js';

const shown = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  url: z.string(),
  title: z.string().nullable(),
  lastPolledAt: z.date().nullable(),
  nextPollAt: z.date(),
  failingSince: z.date().nullable(),
  failure: z.string().nullable(),
  health: z.object({
    state: z.enum(['new', 'fine', 'silent', 'failing', 'gone']),
    sentence: z.string().meta({ description: 'For an operator.' }),
  }),
  hookUrl: z
    .url()
    .meta({ description: 'POST to it, without a token, and the feed is looked at: for your own software.' }),
  createdAt: z.date(),
});

const byId = z.object({ id: z.uuid() });

export const feedEndpoints = [
  endpoint({
    method: 'get',
    path: '/feeds',
    operationId: 'listFeeds',
    summary: 'The feeds of a publication, oldest first.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    answers: { 200: { description: 'A page of feeds.', schema: listOf(shown) } },
    handle: async (context, { query }) => {
      const { id } = await namedPublication(context, query.publication);
      const page = readPage(query);
      // They are few, and ids sort by time.
      const feeds = (await listFeeds(context.db, id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const rest = feeds.filter((feed) => page.before === undefined || feed.id > page.before);
      return { status: 200, body: pageOf(rest, page, (feed) => show(context, feed)) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/feeds',
    operationId: 'addFeed',
    summary: 'Follows a feed. What it holds now counts as read, but for the newest few that you ask for.',
    scope: 'write',
    body: z.strictObject({
      publication: publicationField,
      url: z.url({ protocol: /^https?$/ }).max(2000),
      includeNewest: z.int().min(0).max(999).default(0),
    }),
    answers: { 201: { description: 'It is followed; the first look is on its way.', schema: shown } },
    handle: async (context, { body }) => {
      const { id: publicationId } = await livePublication(context, body.publication);
      const added = await addFeed(context, {
        publicationId,
        url: body.url,
        includeNewest: body.includeNewest,
      });
      if (added.kind === 'known')
        throw new Problem(409, 'feed-known', 'This publication follows that feed already.');
      if (added.kind === 'not-an-address')
        throw new Problem(422, 'invalid-request', 'url: not a web address');
      return { status: 201, body: show(context, await namedFeed(context, added.feedId)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/feeds/{id}',
    operationId: 'showFeed',
    summary: 'One feed, and how it is.',
    scope: 'read',
    params: byId,
    answers: { 200: { description: 'The feed.', schema: shown } },
    handle: async (context, { params }) => ({
      status: 200,
      body: show(context, await namedFeed(context, params.id)),
    }),
  }),
  endpoint({
    method: 'post',
    path: '/feeds/{id}/poll',
    operationId: 'pollFeed',
    summary: 'Looks at a feed at once: for the moment in which your site has published something.',
    scope: 'write',
    params: byId,
    answers: {
      202: { description: 'A look is on its way; at most one in half a minute.', schema: shown },
    },
    handle: async (context, { params }) => {
      await askPoll(context, await namedFeed(context, params.id));
      return { status: 202, body: show(context, await namedFeed(context, params.id)) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/feeds/{id}',
    operationId: 'removeFeed',
    summary: 'Stops following a feed; what it brought stays.',
    scope: 'write',
    params: byId,
    answers: { 204: { description: 'It is no longer followed.' } },
    handle: async (context, { params }) => {
      await namedFeed(context, params.id);
      await dropFeed(context, params.id);
      return { status: 204 };
    },
  }),
];

async function namedFeed({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Feed> {
  const feed = await findFeed(db, id);
  if (feed === undefined) throw new Problem(404, 'no-such-feed', 'There is no feed with this id.');
  return feed;
}

function show(context: Pick<ApiContext, 'links' | 'now' | 'publicUrl'>, feed: Feed): z.infer<typeof shown> {
  const { publicationId, ...rest } = feed;
  const health = feedHealth(feed, context.now());
  return shown.parse({ ...rest, publication: publicationId, health, hookUrl: feedHookUrl(context, feed) });
}
