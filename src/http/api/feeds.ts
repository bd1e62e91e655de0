import { z } from 'zod';
import { addFeed, removeFeed } from '../../articles/feeds/change-feeds.js';
import { pollSoon } from '../../articles/feeds/poll-soon.js';
import { feedHookUrl } from '../../articles/feeds/hook.js';
import { describeFeedFailure } from '../../articles/feeds/describe-feed-failure.js';
import { describeFeedHealth } from '../../articles/feeds/health.js';
import type { Feed } from '../../articles/feeds/feed.js';
import { findFeed, listFeeds } from '../../articles/feeds/reads.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { publicationField } from './publication-schemas.js';
import { requireActivePublication, requirePublication } from './publications.js';

const feedSchema = z.object({
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
    responses: { 200: { description: 'A page of feeds.', schema: pageSchema(feedSchema) } },
    handle: async (context, { query }) => {
      const { id } = await requirePublication(context, query.publication);
      const page = parsePage(query);
      // A publication has few feeds, so they are paged here; ids sort by time.
      const feeds = (await listFeeds(context.db, id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const rest = feeds.filter((feed) => page.before === undefined || feed.id > page.before);
      return { status: 200, body: toPage(rest, page, (feed) => feedToJson(context, feed)) };
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
    responses: { 201: { description: 'It is followed; the first look is on its way.', schema: feedSchema } },
    handle: async (context, { body }) => {
      const { id: publicationId } = await requireActivePublication(context, body.publication);
      const added = await addFeed(context, {
        publicationId,
        url: body.url,
        includeNewest: body.includeNewest,
      });
      if (added.kind === 'known')
        throw new ApiProblem(409, 'feed-known', 'This publication follows that feed already.');
      if (added.kind === 'not-an-address')
        throw new ApiProblem(422, 'invalid-request', 'url: not a web address');
      return { status: 201, body: feedToJson(context, await requireFeed(context, added.feedId)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/feeds/{id}',
    operationId: 'showFeed',
    summary: 'One feed, and how it is.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The feed.', schema: feedSchema } },
    handle: async (context, { params }) => ({
      status: 200,
      body: feedToJson(context, await requireFeed(context, params.id)),
    }),
  }),
  endpoint({
    method: 'post',
    path: '/feeds/{id}/poll',
    operationId: 'pollFeed',
    summary: 'Looks at a feed at once: for the moment in which your site has published something.',
    scope: 'write',
    params: byId,
    responses: {
      202: { description: 'A look is on its way; at most one in half a minute.', schema: feedSchema },
    },
    handle: async (context, { params }) => {
      await pollSoon(context, await requireFeed(context, params.id));
      return { status: 202, body: feedToJson(context, await requireFeed(context, params.id)) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/feeds/{id}',
    operationId: 'removeFeed',
    summary: 'Stops following a feed; what it brought stays.',
    scope: 'write',
    params: byId,
    responses: { 204: { description: 'It is no longer followed.' } },
    handle: async (context, { params }) => {
      await requireFeed(context, params.id);
      await removeFeed(context, params.id);
      return { status: 204 };
    },
  }),
];

async function requireFeed({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Feed> {
  const feed = await findFeed(db, id);
  if (feed === undefined) throw new ApiProblem(404, 'no-such-feed', 'There is no feed with this id.');
  return feed;
}

function feedToJson(
  context: Pick<ApiContext, 'links' | 'now' | 'publicUrl'>,
  feed: Feed,
): z.infer<typeof feedSchema> {
  const { publicationId, ...rest } = feed;
  const health = describeFeedHealth(feed, context.now());
  return feedSchema.parse({
    ...rest,
    failure: feed.failure && describeFeedFailure(feed.failure),
    publication: publicationId,
    health,
    hookUrl: feedHookUrl(context, feed),
  });
}
