import { recordActivity } from '../../operators/activity/record-activity.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import {
  bringFarPollsForward,
  forgetFirstPolls,
  insertFeed,
  updateFeedUrl,
  markFeedRemoved,
} from './writes.js';

export type AddFeedResult =
  | { kind: 'added'; feedId: string }
  | { kind: 'known' }
  | { kind: 'not-an-address' };

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor'>;

type NewFeed = {
  publicationId: string;
  url: string;
  includeNewest: number;
  /** The caller polls it itself, at once: workers leave it alone for a minute. */
  callerPolls?: boolean;
};

/**
 * Adds a feed to a publication and enqueues its first poll. What the feed holds then counts as read, except the newest
 * `includeNewest` articles.
 */
export async function addFeed(
  context: ChangeContext,
  { callerPolls = false, ...feed }: NewFeed,
): Promise<AddFeedResult> {
  const { db, now } = context;
  if (!URL.canParse(feed.url) || !/^https?:$/.test(new URL(feed.url).protocol))
    return { kind: 'not-an-address' };
  const url = new URL(feed.url).href;
  return db.transaction(async (tx) => {
    const nextPollAt = new Date(now().getTime() + (callerPolls ? MINUTE_MS : 0));
    const row = await insertFeed(tx, { ...feed, url, nextPollAt }, now());
    if (row === undefined) return { kind: 'known' };
    const { publicationId, includeNewest } = feed;
    const after = { url: withoutSecrets(url), includeNewest };
    await recordActivity(tx, context, { kind: 'feed.added', publicationId, subjectId: row.id, after });
    if (!callerPolls) await enqueue(tx, 'poll-feed', { feedId: row.id }, now());
    return { kind: 'added', feedId: row.id };
  });
}

/**
 * Polls a feed at another address from now on. Its articles stay. `moved` is false where the publication has, or had,
 * another feed at that address.
 */
export async function moveFeed(
  context: ChangeContext,
  feedId: string,
  url: string,
): Promise<{ moved: boolean }> {
  return { moved: await context.db.transaction((tx) => moveFeedTo(tx, context, feedId, url)) };
}

/** As `moveFeed`, in the caller's transaction. */
export async function moveFeedTo(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  feedId: string,
  url: string,
): Promise<boolean> {
  const moved = await updateFeedUrl(tx, feedId, url);
  if (moved === undefined) return false;
  const { publicationId, previousUrl } = moved;
  if (previousUrl === url) return true;
  await recordActivity(tx, context, {
    kind: 'feed.moved',
    publicationId,
    subjectId: feedId,
    before: { url: withoutSecrets(previousUrl) },
    after: { url: withoutSecrets(url) },
  });
  return true;
}

/** Stops polling a feed. What it brought stays, and is not mailed again should the feed come back. */
export function removeFeed(context: ChangeContext, feedId: string): Promise<{ removed: boolean }> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const feed = await markFeedRemoved(tx, feedId, now());
    if (feed === undefined) return { removed: false };
    const { publicationId } = feed;
    const before = { url: withoutSecrets(feed.url) };
    await recordActivity(tx, context, { kind: 'feed.removed', publicationId, subjectId: feedId, before });
    return { removed: true };
  });
}

/** A feed for subscribers may have a key in its address: as a user with a password, or in its query. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return '…';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Longer than any feed is left alone. */
const MAX_POLL_WAIT_MS = 3 * DAY_MS;

/** Feeds that are to be polled later than any ever is are polled now: a clock that had jumped ahead put them off. */
export async function pollFarFeeds(tx: Tx, now: Date): Promise<void> {
  await bringFarPollsForward(tx, new Date(now.getTime() + MAX_POLL_WAIT_MS), now);
}

/** What feeds hold that were not looked at since then counts as read at their next poll, as at their first. */
export async function countNextPollsAsFirst(tx: Tx, since: Date): Promise<void> {
  await forgetFirstPolls(tx, since);
}
