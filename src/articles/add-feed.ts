import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { insertFeed } from './writes.js';

export type AddedFeed = { kind: 'added'; feedId: string } | { kind: 'known' } | { kind: 'not-an-address' };

/**
 * Adds a feed to a publication and promises its first poll. What the feed holds then is taken as already read, except
 * the newest `includeNewest` articles.
 */
export async function addFeed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: { publicationId: string; url: string; includeNewest: number },
): Promise<AddedFeed> {
  if (!URL.canParse(feed.url) || !/^https?:$/.test(new URL(feed.url).protocol))
    return { kind: 'not-an-address' };
  const url = new URL(feed.url).href;
  return db.transaction(async (tx) => {
    const row = await insertFeed(tx, { ...feed, url }, now());
    if (row === undefined) return { kind: 'known' };
    await enqueue(tx, 'poll-feed', { feedId: row.id }, now());
    return { kind: 'added', feedId: row.id };
  });
}
