import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import type { Fetched } from '../platform/fetch.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Publication } from '../publications/publication.js';
import type { FeedItem, ParsedFeed } from './feed-item.js';
import { nextPoll, type Feed } from './feed.js';
import { holdReason, type Arrival } from './guards.js';
import { countFromFeed, listKnownIds, listMailedTitles } from './reads.js';
import {
  correctUnreleased,
  insertArticle,
  lockFeed,
  notePolled,
  updateFeedUrl,
  type NewArticle,
} from './writes.js';

type FetchedFeed = Extract<Fetched, { kind: 'fetched' }>;

/**
 * Takes a parsed feed in, in one transaction: new items become articles, corrections reach those not yet released.
 * @returns how many articles are new
 */
export function ingest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  publication: Publication,
  parsed: ParsedFeed,
  fetched: FetchedFeed,
): Promise<number> {
  return db.transaction(async (tx) => {
    const state = await lockFeed(tx, feed.id);
    if (state === undefined) return 0;
    const known = await listKnownIds(
      tx,
      feed,
      parsed.items.map((item) => item.externalId),
    );
    const fresh = parsed.items.filter((item) => !known.has(item.externalId));
    const articles = state.firstPollDone
      ? await guarded(tx, feed, publication, { items: fresh, inFeed: parsed.items.length }, now())
      : firstOnes(feed, fresh, state.includeNewest, now());
    for (const article of articles) await insertArticle(tx, article, now());
    for (const item of parsed.items.filter((one) => known.has(one.externalId)))
      await correctUnreleased(tx, feed, item);
    if (fetched.permanentUrl !== undefined) await updateFeedUrl(tx, feed.id, fetched.permanentUrl);
    await notePolled(tx, feed.id, pollOf(parsed, fetched, now()), now());
    await promiseRelease(tx, publication.id, articles, now());
    return articles.length;
  });
}

/** The first poll starts from now: what is there counts as read, but for the newest few that were asked for. */
function firstOnes(feed: Feed, items: readonly FeedItem[], includeNewest: number, now: Date): NewArticle[] {
  const time = (item: FeedItem) => item.publishedAt?.getTime() ?? 0;
  const newest = new Set(items.toSorted((a, b) => time(b) - time(a)).slice(0, includeNewest));
  return items.map((item) => ({
    publicationId: feed.publicationId,
    feedId: feed.id,
    item,
    state: newest.has(item) ? 'waiting' : 'skipped',
    holdReason: null,
    releaseAt: now,
  }));
}

async function guarded(
  tx: Tx,
  feed: Feed,
  publication: Publication,
  found: Pick<Arrival, 'items' | 'inFeed'>,
  now: Date,
): Promise<NewArticle[]> {
  const titles = found.items.map((item) => item.title);
  const arrival: Arrival = {
    ...found,
    knownBefore: await countFromFeed(tx, feed),
    mailedTitles: await listMailedTitles(tx, feed.publicationId, titles),
  };
  return found.items.map((item) => {
    const reason = holdReason(item, arrival, now);
    return {
      publicationId: feed.publicationId,
      feedId: feed.id,
      item,
      state: reason === undefined ? 'waiting' : 'held',
      holdReason: reason ?? null,
      releaseAt: new Date(now.getTime() + publication.holdMinutes * 60_000),
    };
  });
}

function pollOf(parsed: ParsedFeed, fetched: FetchedFeed, now: Date) {
  return {
    title: parsed.title ?? null,
    etag: fetched.etag ?? null,
    lastModified: fetched.lastModified ?? null,
    nextPollAt: nextPoll(now),
  };
}

/** Without a hold window nobody should wait for the next sweep. */
async function promiseRelease(
  tx: Tx,
  publicationId: string,
  articles: NewArticle[],
  now: Date,
): Promise<void> {
  const due = articles.some((article) => article.state === 'waiting' && article.releaseAt <= now);
  if (due) await enqueue(tx, 'release-articles', { publicationId }, now);
}
