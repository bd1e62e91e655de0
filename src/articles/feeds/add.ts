import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { insertFeed } from './writes.js';

export type AddFeedResult =
  { kind: 'added'; feedId: string } | { kind: 'known' } | { kind: 'not-an-address' };

type NewFeed = {
  publicationId: string;
  url: string;
  includeNewest: number;
  /** The caller looks at it at once: a worker does so only when nobody has within a minute. */
  callerPolls?: boolean;
};

const MINUTE_MS = 60_000;

/**
 * Adds a feed to a publication and promises its first poll. What the feed holds then is taken as already read, except
 * the newest `includeNewest` articles.
 */
export async function addFeed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { callerPolls = false, ...feed }: NewFeed,
): Promise<AddFeedResult> {
  if (!URL.canParse(feed.url) || !/^https?:$/.test(new URL(feed.url).protocol))
    return { kind: 'not-an-address' };
  const url = new URL(feed.url).href;
  return db.transaction(async (tx) => {
    const nextPollAt = new Date(now().getTime() + (callerPolls ? MINUTE_MS : 0));
    const row = await insertFeed(tx, { ...feed, url, nextPollAt }, now());
    if (row === undefined) return { kind: 'known' };
    if (!callerPolls) await enqueue(tx, 'poll-feed', { feedId: row.id }, now());
    return { kind: 'added', feedId: row.id };
  });
}
