import { actingAs } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { FetchResult, FetchedPage } from '../../platform/fetch/fetch-page.js';
import { deleteFailedRows } from '../../platform/jobs/failed-rows.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { isRowFault } from '../../platform/process/row-fault.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import { discoverFeeds } from '../parse/discover-feeds.js';
import { type Feed } from '../feeds/feed.js';
import type { FeedFailure } from '../feeds/feed-failure.js';
import { ingestFeed, type IngestResult } from '../ingest/ingest-feed.js';
import { parseFeed, type ParseFailure } from '../parse/parse-feed.js';
import { findFeed, listFeeds } from '../feeds/reads.js';
import { recordPollFailure, recordFeedGone, recordPollUnchanged } from '../feeds/poll-writes.js';
import { moveFeed } from '../feeds/change-feeds.js';
import { nextPollTime, nextPollTimeAfterFailure } from '../feeds/poll-interval.js';

export type PollResult =
  | ({ kind: 'polled'; found: number } & IngestResult)
  | { kind: 'not-modified' }
  | { kind: 'failed'; failure: FeedFailure }
  | { kind: 'no-such-feed' };

type PollContext = Pick<Context, 'db' | 'now' | 'fetchPage' | 'log'>;

/** Fetches a feed and stores what is new. A second poll of an unchanged feed adds nothing. */
export async function pollFeed(context: PollContext, feedId: string): Promise<PollResult> {
  const feed = await findFeed(context.db, feedId);
  const publication = feed && (await findPublication(context.db, feed.publicationId));
  if (feed === undefined || publication === undefined || publication.archivedAt !== null) {
    return { kind: 'no-such-feed' };
  }
  try {
    const result = await fetchFeed(context, feed, publication);
    if (feed.failingSince !== null && result.kind !== 'failed' && !isPartial(result))
      await deleteFailedRows(context.db, 'poll-feed', [feed.id]);
    return result;
  } catch (error) {
    if (!isRowFault(error)) throw error;
    const row = { kind: 'feed' as const, rowId: feed.id, publicationId: publication.id };
    await recordFailedRow(context, 'poll-feed', row, error);
    return recordFailure(context, feed, { code: 'not-processed' });
  }
}

/** Items were left out of it, which is recorded. */
function isPartial(result: PollResult): boolean {
  return result.kind === 'polled' && result.failed !== undefined;
}

async function fetchFeed(context: PollContext, feed: Feed, publication: Publication): Promise<PollResult> {
  const fetched = await context.fetchPage(feed.url, {
    ...(feed.etag === null ? {} : { etag: feed.etag }),
    ...(feed.lastModified === null ? {} : { lastModified: feed.lastModified }),
  });
  return handleFetchResult(context, feed, publication, fetched);
}

async function handleFetchResult(
  context: PollContext,
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
      return recordFailure(context, feed, fetched.failure);
    case 'failed':
      return recordFailure(context, feed, fetched.failure, fetched.retryAfter);
    case 'fetched': {
      const parsed = parseFeed(fetched.body, {
        url: fetched.url,
        timeZone: publication.timezone,
        ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
      });
      if (parsed.kind === 'not-a-feed')
        return followDiscoveredFeed(context, feed, publication, fetched, parsed.failure);
      const ingested = await ingestFeed(context, feed, publication, parsed.feed, fetched);
      return { kind: 'polled', found: parsed.feed.items.length, ...ingested };
    }
  }
}

/** An operator gave a page's address, not a feed's: the first feed that the page names is followed instead. */
async function followDiscoveredFeed(
  context: PollContext,
  feed: Feed,
  publication: Publication,
  { url, body, contentType }: FetchedPage,
  failure: ParseFailure,
): Promise<PollResult> {
  const found = feed.firstPollDone
    ? []
    : discoverFeeds(body, { url, ...(contentType ? { contentType } : {}) });
  // That this feed itself is there already is no reason to refuse: somebody who polled it too was quicker.
  const others = (await listFeeds(context.db, publication.id)).filter(({ id }) => id !== feed.id);
  const followed = new Set(others.map((one) => one.url));
  const first = found.find((one) => !followed.has(one));
  if (first === undefined) {
    const linked = found.length === 0 ? {} : { linkedFeeds: { kind: 'followed' } as const };
    return recordFailure(context, feed, { ...failure, ...linked });
  }
  const { moved } = await moveFeed(actingAs(context, { kind: 'system' }), feed.id, first);
  if (!moved)
    return recordFailure(context, feed, { ...failure, linkedFeeds: { kind: 'followed-before', url: first } });
  // As if it had been polled before: what the page calls a feed is not taken for another page.
  return fetchFeed(context, { ...feed, url: first, firstPollDone: true }, publication);
}

async function recordGone({ db, now }: Pick<Context, 'db' | 'now'>, feed: Feed): Promise<PollResult> {
  await db.transaction((tx) => recordFeedGone(tx, feed.id, now()));
  return { kind: 'failed', failure: { code: 'gone' } };
}

async function recordFailure(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  failure: FeedFailure,
  retryAfter?: number,
): Promise<PollResult> {
  const failingSince = feed.failingSince ?? now();
  const nextPollAt = nextPollTimeAfterFailure({ failingSince, now: now(), retryAfter }, Math.random());
  await db.transaction((tx) => recordPollFailure(tx, feed.id, { failure, failingSince, nextPollAt }, now()));
  return { kind: 'failed', failure };
}
