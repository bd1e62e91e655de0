import type { Context } from '../../platform/context.js';
import type { FetchResult, FetchedPage } from '../../platform/fetch/fetch-page.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { discoverFeeds } from '../parse/discover-feeds.js';
import { type Feed } from '../feeds/feed.js';
import { ingestFeed, type IngestResult } from '../ingest/ingest-feed.js';
import { parseFeed } from '../parse/parse-feed.js';
import { findFeed, listFeeds } from '../feeds/reads.js';
import { recordPollFailure, recordFeedGone, recordPollUnchanged } from '../feeds/writes.js';
import { moveFeed } from '../feeds/change-feeds.js';
import { nextPollTime, nextPollTimeAfterFailure } from '../feeds/poll-interval.js';

export type PollResult =
  | ({ kind: 'polled'; found: number } & IngestResult)
  | { kind: 'not-modified' }
  | { kind: 'failed'; reason: string }
  | { kind: 'no-such-feed' };

/** Fetches a feed and stores what is new. A second poll of an unchanged feed adds nothing. */
export async function pollFeed(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feedId: string,
): Promise<PollResult> {
  const feed = await findFeed(context.db, feedId);
  const publication = feed && (await findPublication(context.db, feed.publicationId));
  if (feed === undefined || publication === undefined || publication.archivedAt !== null) {
    return { kind: 'no-such-feed' };
  }
  return fetchFeed(context, feed, publication);
}

async function fetchFeed(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
): Promise<PollResult> {
  const fetched = await context.fetchPage(feed.url, {
    ...(feed.etag === null ? {} : { etag: feed.etag }),
    ...(feed.lastModified === null ? {} : { lastModified: feed.lastModified }),
  });
  return handleFetchResult(context, feed, publication, fetched);
}

async function handleFetchResult(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
  fetched: FetchResult,
): Promise<PollResult> {
  const { db, now } = context;
  switch (fetched.kind) {
    case 'not-modified':
      await db.transaction((tx) => recordPollUnchanged(tx, feed.id, nextPollTime(feed, now()), now()));
      return { kind: 'not-modified' };
    case 'gone':
      return recordGone(context, feed);
    case 'refused':
      return recordFailure(context, feed, fetched.reason);
    case 'failed':
      return recordFailure(context, feed, fetched.reason, fetched.retryAfter);
    case 'fetched': {
      const parsed = parseFeed(fetched.body, {
        url: fetched.url,
        ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
      });
      if (parsed.kind === 'not-a-feed')
        return followDiscoveredFeed(context, feed, publication, fetched, parsed.reason);
      const ingested = await ingestFeed(context, feed, publication, parsed.feed, fetched);
      return { kind: 'polled', found: parsed.feed.items.length, ...ingested };
    }
  }
}

/** An operator gave a page's address, not a feed's: the first feed that the page names is followed instead. */
async function followDiscoveredFeed(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
  { url, body, contentType }: FetchedPage,
  reason: string,
): Promise<PollResult> {
  const found = feed.firstPollDone
    ? []
    : discoverFeeds(body, { url, ...(contentType ? { contentType } : {}) });
  // That this feed itself is there already is no reason to refuse: somebody who polled it too was quicker.
  const others = (await listFeeds(context.db, publication.id)).filter(({ id }) => id !== feed.id);
  const followed = new Set(others.map((one) => one.url));
  const first = found.find((one) => !followed.has(one));
  if (first !== undefined) {
    const { moved } = await moveFeed(context, feed.id, first);
    if (!moved)
      return recordFailure(context, feed, `${reason} Its feed was followed before: add ${first} itself.`);
    // As if it had been polled before: what the page calls a feed is not taken for another page.
    return fetchFeed(context, { ...feed, url: first, firstPollDone: true }, publication);
  }
  return recordFailure(
    context,
    feed,
    found.length === 0 ? reason : `${reason} Its feeds are followed already.`,
  );
}

async function recordGone({ db, now }: Pick<Context, 'db' | 'now'>, feed: Feed): Promise<PollResult> {
  const reason = 'The address answers that the feed is gone for good (410).';
  await db.transaction((tx) => recordFeedGone(tx, feed.id, reason, now()));
  return { kind: 'failed', reason };
}

async function recordFailure(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  reason: string,
  retryAfter?: number,
): Promise<PollResult> {
  const failingSince = feed.failingSince ?? now();
  const nextPollAt = nextPollTimeAfterFailure({ failingSince, now: now(), retryAfter }, Math.random());
  await db.transaction((tx) => recordPollFailure(tx, feed.id, { reason, failingSince, nextPollAt }, now()));
  return { kind: 'failed', reason };
}
