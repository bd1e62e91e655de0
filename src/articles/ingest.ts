import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import type { Fetched } from '../platform/fetch.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Publication } from '../publications/publication.js';
import { lockArticles } from './article-writes.js';
import type { FeedItem, ParsedFeed } from './feed-item.js';
import { nextPoll, type Feed } from './feed.js';
import { findHoldCode, type Arrival } from './guards.js';
import { findByNames } from './identity-reads.js';
import { noteChanges, noteVanished } from './note-changes.js';
import { listMailedTitles } from './reads.js';
import { countFromFeed } from './feed-reads.js';
import { nameItems, recognise, type FreshItem, type Recognised } from './recognise.js';
import { pollMinutes } from './rhythm.js';
import { takeIn, type Newcomer } from './take-in.js';
import { findHub } from './find-hub.js';
import { noteHub } from './hub-writes.js';
import { firstOnes, welcomed } from './welcome.js';
import { lockFeed, notePolled, updateFeedUrl } from './feed-writes.js';

/** How many articles are new, and how many of those go out by themselves or wait for an operator; the rest counts as read. */
export type Ingested = { added: number; waiting: number; held: number };

type FetchedFeed = Extract<Fetched, { kind: 'fetched' }>;

/**
 * Takes a parsed feed in, in one transaction: new items become articles, known ones are corrected, and what vanished
 * before it was released is taken back. A feed that says what it said before costs a handful of statements.
 */
export function ingest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  publication: Publication,
  parsed: ParsedFeed,
  fetched: FetchedFeed,
): Promise<Ingested> {
  return db.transaction(async (tx) => {
    const state = await lockFeed(tx, feed.id);
    if (state === undefined) return sumUp([]);
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
    return sumUp(newcomers);
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

function sumUp(newcomers: readonly Newcomer[]): Ingested {
  const count = (state: Newcomer['state']) => newcomers.filter((one) => one.state === state).length;
  return { added: newcomers.length, waiting: count('waiting'), held: count('held') };
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
