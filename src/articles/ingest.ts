import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import type { Fetched } from '../platform/fetch.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Publication } from '../publications/publication.js';
import { lockArticles } from './article-writes.js';
import type { FeedItem, ParsedFeed } from './feed-item.js';
import { nextPoll, type Feed } from './feed.js';
import { findHoldCode, isTooFarAhead, type Arrival } from './guards.js';
import { findByNames } from './identity-reads.js';
import { noteChanges, noteVanished } from './note-changes.js';
import { listMailedTitles } from './reads.js';
import { countFromFeed } from './feed-reads.js';
import { nameItems, recognise, type FreshItem, type Recognised } from './recognise.js';
import { pollMinutes } from './rhythm.js';
import { takeIn, type Newcomer } from './take-in.js';
import { findHub } from './find-hub.js';
import { noteHub } from './hub-writes.js';
import { lockFeed, notePolled, updateFeedUrl } from './writes.js';

type FetchedFeed = Extract<Fetched, { kind: 'fetched' }>;

/**
 * Takes a parsed feed in, in one transaction: new items become articles, known ones are corrected, and what vanished
 * before it was released is taken back. A feed that says what it said before costs a handful of statements.
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
    await lockArticles(tx, publication.id);
    const found = await recogniseItems(tx, feed, parsed.items);
    const newcomers = state.firstPollDone
      ? await guarded(tx, feed, publication, { fresh: found.fresh, inFeed: parsed.items.length }, now())
      : firstOnes(found.fresh, state.includeNewest, now());
    await takeInAll(tx, { feed, publication, items: parsed.items }, found, newcomers, now());
    if (fetched.permanentUrl !== undefined) await updateFeedUrl(tx, feed.id, fetched.permanentUrl);
    await notePolled(tx, feed.id, pollOf(parsed, fetched, newcomers.length > 0, now()), now());
    await noteHub(tx, feed.id, findHub(parsed, fetched));
    await promiseRelease(tx, publication.id, newcomers, now());
    return newcomers.length;
  });
}

async function recogniseItems(tx: Tx, feed: Feed, items: readonly FeedItem[]): Promise<Recognised> {
  const named = nameItems(items, feed.id);
  const names = new Set(named.flatMap(({ own, shared }) => [...own, ...shared]));
  const known = await findByNames(tx, { publicationId: feed.publicationId, feedId: feed.id }, [...names]);
  return recognise(named, known);
}

async function takeInAll(
  tx: Tx,
  { feed, publication, items }: { feed: Feed; publication: Publication; items: readonly FeedItem[] },
  { seen }: Recognised,
  newcomers: readonly Newcomer[],
  now: Date,
): Promise<void> {
  const source = { publicationId: publication.id, feedId: feed.id };
  const ids = await takeIn(tx, source, newcomers, now, items.length);
  await noteChanges(tx, { ...source, holdMs: publication.holdMinutes * 60_000 }, seen, now);
  const known = new Map(
    seen.map(({ item, article }) => [item, { id: article.id, since: article.firstSeenAt }]),
  );
  for (const [at, { item }] of newcomers.entries()) known.set(item, { id: ids[at] ?? '', since: now });
  const shown = items.flatMap((item) => {
    const article = known.get(item);
    return article === undefined ? [] : [{ id: article.id, date: item.publishedAt ?? article.since }];
  });
  await noteVanished(tx, feed.id, shown, now);
}

/** The first poll starts from now: what is there counts as read, but for the newest few that were asked for. */
function firstOnes(fresh: readonly FreshItem[], includeNewest: number, now: Date): Newcomer[] {
  const time = ({ item }: FreshItem) => item.publishedAt?.getTime() ?? 0;
  const newest = new Set(fresh.toSorted((a, b) => time(b) - time(a)).slice(0, includeNewest));
  return fresh.map((one) =>
    newest.has(one) ? welcomed(one, undefined, now, now) : { ...one, state: 'skipped', releaseAt: now },
  );
}

async function guarded(
  tx: Tx,
  feed: Feed,
  { holdMinutes }: Publication,
  { fresh, inFeed }: { fresh: FreshItem[]; inFeed: number },
  now: Date,
): Promise<Newcomer[]> {
  if (fresh.length === 0) return [];
  const titles = fresh.map(({ item }) => item.title);
  const arrival: Arrival = {
    items: fresh,
    inFeed,
    knownBefore: await countFromFeed(tx, feed),
    mailedTitles: await listMailedTitles(tx, feed.publicationId, titles),
  };
  const earliest = new Date(now.getTime() + holdMinutes * 60_000);
  return fresh.map((one) => welcomed(one, findHoldCode(one, arrival, now), earliest, now));
}

/** Nothing goes out before its own date. */
function welcomed(
  { item, names }: FreshItem,
  found: ReturnType<typeof findHoldCode>,
  earliest: Date,
  now: Date,
): Newcomer {
  const code = found ?? (isTooFarAhead(item.publishedAt, now) ? 'scheduled' : undefined);
  const releaseAt = new Date(Math.max(earliest.getTime(), item.publishedAt?.getTime() ?? 0));
  if (code !== undefined) return { item, names, state: 'held', code, releaseAt: earliest };
  return { item, names, state: 'waiting', releaseAt };
}

function pollOf({ title, items }: ParsedFeed, fetched: FetchedFeed, hasNew: boolean, now: Date) {
  const dates = items.map(({ publishedAt }) => publishedAt);
  const minutes = pollMinutes(dates, fetched.maxAge);
  return {
    title: title ?? null,
    etag: fetched.etag ?? null,
    lastModified: fetched.lastModified ?? null,
    pollMinutes: minutes,
    lastNewAt: hasNew ? now : null,
    nextPollAt: nextPoll({ pollMinutes: minutes }, now),
  };
}

/** Without a hold window nobody should wait for the next sweep. */
async function promiseRelease(
  tx: Tx,
  publicationId: string,
  newcomers: readonly Newcomer[],
  now: Date,
): Promise<void> {
  const due = newcomers.some((article) => article.state === 'waiting' && article.releaseAt <= now);
  if (due) await enqueue(tx, 'release-articles', { publicationId }, now);
}
