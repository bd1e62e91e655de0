import type { Context } from '../platform/context.js';
import type { Fetched, FetchedPage } from '../platform/fetch.js';
import { findPublication } from '../publications/reads.js';
import type { Publication } from '../publications/publication.js';
import { discoverFeeds } from './discover-feeds.js';
import { nextPoll, nextPollAfterFailure, type Feed } from './feed.js';
import { ingest, type Ingested } from './ingest.js';
import { moveFeed } from './move-feed.js';
import { parseFeed } from './parse-feed.js';
import { findFeed, listFeeds } from './feed-reads.js';
import { noteFailure, noteGone, noteUnchanged } from './feed-writes.js';

export type Polled =
  | ({ kind: 'polled'; found: number } & Ingested)
  | { kind: 'not-modified' }
  | { kind: 'failed'; reason: string }
  | { kind: 'no-such-feed' };

/** Fetches a feed and takes in what is new. A second poll of the same feed adds nothing. */
export async function pollFeed(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feedId: string,
): Promise<Polled> {
  const feed = await findFeed(context.db, feedId);
  const publication = feed && (await findPublication(context.db, feed.publicationId));
  if (feed === undefined || publication === undefined || publication.archivedAt !== null) {
    return { kind: 'no-such-feed' };
  }
  return lookAt(context, feed, publication);
}

async function lookAt(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
): Promise<Polled> {
  const fetched = await context.fetchPage(feed.url, {
    ...(feed.etag === null ? {} : { etag: feed.etag }),
    ...(feed.lastModified === null ? {} : { lastModified: feed.lastModified }),
  });
  return takeIn(context, feed, publication, fetched);
}

async function takeIn(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
  fetched: Fetched,
): Promise<Polled> {
  const { db, now } = context;
  switch (fetched.kind) {
    case 'not-modified':
      await db.transaction((tx) => noteUnchanged(tx, feed.id, nextPoll(feed, now()), now()));
      return { kind: 'not-modified' };
    case 'gone':
      return giveUp(context, feed);
    case 'refused':
      return fail(context, feed, fetched.reason);
    case 'failed':
      return fail(context, feed, fetched.reason, fetched.retryAfter);
    case 'fetched': {
      const parsed = parseFeed(fetched.body, {
        url: fetched.url,
        ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
      });
      if (parsed.kind === 'not-a-feed') return followPage(context, feed, publication, fetched, parsed.reason);
      const ingested = await ingest(context, feed, publication, parsed.feed, fetched);
      return { kind: 'polled', found: parsed.feed.items.length, ...ingested };
    }
  }
}

/** An operator gave a page's address, not a feed's: the first feed that the page names is followed instead. */
async function followPage(
  context: Pick<Context, 'db' | 'now' | 'fetchPage'>,
  feed: Feed,
  publication: Publication,
  { url, body, contentType }: FetchedPage,
  reason: string,
): Promise<Polled> {
  const found = feed.firstPollDone
    ? []
    : discoverFeeds(body, { url, ...(contentType ? { contentType } : {}) });
  // That this feed itself is there already is no reason to refuse: somebody who polled it too was quicker.
  const others = (await listFeeds(context.db, publication.id)).filter(({ id }) => id !== feed.id);
  const followed = new Set(others.map((one) => one.url));
  const first = found.find((one) => !followed.has(one));
  if (first !== undefined) {
    const { moved } = await moveFeed(context, feed.id, first);
    if (!moved) return fail(context, feed, `${reason} Its feed was followed before: add ${first} itself.`);
    // As if it had been polled before: what the page calls a feed is not taken for another page.
    return lookAt(context, { ...feed, url: first, firstPollDone: true }, publication);
  }
  return fail(context, feed, found.length === 0 ? reason : `${reason} Its feeds are followed already.`);
}

async function giveUp({ db, now }: Pick<Context, 'db' | 'now'>, feed: Feed): Promise<Polled> {
  const reason = 'The address answers that the feed is gone for good (410).';
  await db.transaction((tx) => noteGone(tx, feed.id, reason, now()));
  return { kind: 'failed', reason };
}

async function fail(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  reason: string,
  retryAfter?: number,
): Promise<Polled> {
  const failingSince = feed.failingSince ?? now();
  const nextPollAt = nextPollAfterFailure({ failingSince, now: now(), retryAfter }, Math.random());
  await db.transaction((tx) => noteFailure(tx, feed.id, { reason, failingSince, nextPollAt }, now()));
  return { kind: 'failed', reason };
}
