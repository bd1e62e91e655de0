import { addFeed, moveFeed, removeFeed } from '../../../../src/articles/feeds/change-feeds.js';
import { pollFeed } from '../../../../src/articles/poll/poll-feed.js';
import {
  archivePublication,
  createPublication,
  updatePublication,
} from '../../../../src/publications/change-publication.js';
import { goLive } from '../../../../src/publications/go-live.js';
import type { Scenarios, Stage } from './scenario.js';

/** A publication that follows the publisher's feed, which was never polled. */
export async function followFeed(
  { app, server }: Stage,
  settings: Parameters<Stage['app']['createPublication']>[0] = {},
): Promise<{ publicationId: string; feedId: string }> {
  const { id: publicationId } = await app.createPublication(settings);
  const added = await addFeed(app.context, { publicationId, url: server.url, includeNewest: 0 });
  if (added.kind !== 'added') throw new Error('The feed was not added');
  return { publicationId, feedId: added.feedId };
}

export const publicationScenarios: Scenarios = {
  'publication.created': {
    by: 'command-line',
    prepare: async () => (context) =>
      createPublication(context, {
        slug: 'tide',
        name: 'The Tide',
        siteUrl: 'https://tide.example/',
        fromAddress: 'ada@tide.example',
      }),
  },
  'publication.changed': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      return (context) =>
        updatePublication(context, id, { slug: 'beacon', hour: 9, replyTo: 'bo@tide.example' });
    },
  },
  'publication.live': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication({}, { isLive: false });
      return (context) => goLive(context, id, { sendsReleased: true });
    },
  },
  'publication.archived': {
    by: 'token',
    prepare: async ({ app }) => {
      const { id } = await app.createPublication();
      return (context) => archivePublication(context, id);
    },
  },
  'feed.added': {
    by: 'operator',
    prepare: async ({ app }) => {
      const { id: publicationId } = await app.createPublication();
      const url = 'https://ada:secret@tide.example/@tide/feed?key=secret';
      return (context) => addFeed(context, { publicationId, url, includeNewest: 3 });
    },
  },
  'feed.moved': {
    by: 'command-line',
    prepare: async (stage) => {
      const { feedId } = await followFeed(stage);
      return (context) => moveFeed(context, feedId, 'https://tide.example/feed?key=secret');
    },
  },
  'feed.removed': {
    by: 'token',
    prepare: async (stage) => {
      const { feedId } = await followFeed(stage);
      return (context) => removeFeed(context, feedId);
    },
  },
  'feed.backlog-skipped': {
    by: 'command-line',
    bySystem: true,
    notedIn: ['feeds', 'failed_rows'],
    prepare: async (stage) => {
      const { feedId } = await followFeed(stage);
      stage.server.articles.push({ id: '1', title: 'Low tide' }, { id: '2', title: 'High tide' });
      return (context) => pollFeed(context, feedId);
    },
  },
};
