import { MINUTE_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { FetchResult } from '../../platform/fetch/fetch-page.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { splitRows } from '../../platform/process/isolate-faults.js';
import type { Publication } from '../../publications/publication.js';
import { lockArticles } from '../writes.js';
import type { FeedItem, ParsedFeed } from '../parse/feed-item.js';
import { type Feed } from '../feeds/feed.js';
import { articleDate } from './article-date.js';
import { findHoldCode, type HoldRuleInput } from './hold-rules.js';
import { findByKeys, listMailedTitles, countArticlesFromFeed } from './reads.js';
import { applyChanges } from './apply-changes.js';
import { retractVanished } from './retract-vanished.js';
import { assignKeys, matchItems, type MatchResult } from './match-items.js';
import { pollIntervalMinutes, nextPollTime } from '../feeds/poll-interval.js';
import { insertArticles } from './insert-articles.js';
import { findHub } from '../feeds/hub.js';
import type { FeedFailure } from '../feeds/feed-failure.js';
import { recordHub } from '../feeds/hub-writes.js';
import { separateBacklog, applyFirstPollRule, toNewArticle } from './initial-state.js';
import { lockFeed, recordPollFailure, recordPollSuccess } from '../feeds/poll-writes.js';
import { updateFeedUrl } from '../feeds/writes.js';
import type { NewArticle } from './items.js';

/**
 * How many articles are new, and how many of those wait for their release or are held; the rest counts as read. `failed`:
 * items that could not be stored; absent when none.
 */
export type IngestResult = { added: number; waiting: number; held: number; failed?: number };

type FetchedFeed = Extract<FetchResult, { kind: 'fetched' }>;

/** A feed as it was fetched. Not whole: items are left out of it that could not be stored. */
type Ingestion = {
  feed: Feed;
  publication: Publication;
  parsed: ParsedFeed;
  fetched: FetchedFeed;
  isWhole: boolean;
};

/**
 * Stores what a feed shows, in one transaction: new items become articles, known ones are corrected, and what vanished
 * before its release is retracted. A feed without changes costs a handful of statements. An item that cannot be stored is
 * left out, and the feed is read as a whole again next time.
 */
export async function ingestFeed(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  feed: Feed,
  publication: Publication,
  parsed: ParsedFeed,
  fetched: FetchedFeed,
): Promise<IngestResult> {
  const { db, now } = context;
  const ingestion = { feed, publication, parsed, fetched, isWhole: true };
  const store = (tx: Tx, items: readonly FeedItem[], isWhole: boolean) =>
    ingest(tx, { ...ingestion, parsed: { ...parsed, items: [...items] }, isWhole }, now());
  try {
    return await db.transaction((tx) => store(tx, parsed.items, true));
  } catch (error) {
    const rehearseWith = (items: readonly FeedItem[]) => rehearse(db, (tx) => store(tx, items, false));
    // Where this fails too it is no item's fault.
    await rehearseWith([]);
    const { failures } = await splitRows(parsed.items, error, rehearseWith);
    const left = new Set(failures.map(({ row }) => row));
    const items = parsed.items.filter((item) => !left.has(item));
    const result = await db.transaction(async (tx) => {
      const stored = await store(tx, items, false);
      await recordPollFailure(tx, feed.id, failureOf(feed, failures.length, now()), now());
      return stored;
    });
    const row = { kind: 'feed' as const, rowId: feed.id, publicationId: publication.id };
    await recordFailedRow(context, 'poll-feed', row, failures[0]?.error ?? error);
    return { ...result, failed: failures.length };
  }
}

/** Whether it would work: nothing of it stays. Rules about many items at once are for all of them. @throws as `work` */
async function rehearse(db: Db, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  const end = new Error('The rehearsal is over.');
  try {
    await db.transaction(async (tx) => {
      await work(tx);
      throw end;
    });
  } catch (error) {
    if (error !== end) throw error;
  }
}

function failureOf(feed: Feed, count: number, now: Date) {
  const failure: FeedFailure = { code: 'items-not-stored', count };
  return { failure, failingSince: feed.failingSince ?? now, nextPollAt: nextPollTime(feed, now) };
}

async function ingest(
  tx: Tx,
  { feed, publication, parsed, fetched, isWhole }: Ingestion,
  now: Date,
): Promise<IngestResult> {
  const state = await lockFeed(tx, feed.id);
  if (state === undefined) return countByState([]);
  await lockArticles(tx, publication.id);
  const found = await matchFeedItems(tx, feed, parsed.items);
  const newArticles = state.firstPollDone
    ? await applyHoldRules(tx, feed, publication, { found, items: parsed.items }, now)
    : applyFirstPollRule(found.newItems, state.includeNewest, now);
  await storeItems(tx, { feed, publication, items: parsed.items, isWhole }, found, newArticles, now);
  if (fetched.permanentUrl !== undefined) await updateFeedUrl(tx, feed.id, fetched.permanentUrl);
  const record = pollRecordOf(parsed, fetched, newArticles.length > 0, now);
  // Without these its server sends the feed again although nothing of it has changed.
  const validators = isWhole ? {} : { etag: null, lastModified: null };
  await recordPollSuccess(tx, feed.id, { ...record, ...validators }, now);
  await recordHub(tx, feed.id, findHub(parsed, fetched));
  await enqueueRelease(tx, publication.id, newArticles, now);
  return countByState(newArticles);
}

async function matchFeedItems(tx: Tx, feed: Feed, items: readonly FeedItem[]): Promise<MatchResult> {
  const keyedItems = assignKeys(items, feed.id);
  const keys = new Set(keyedItems.flatMap(({ ownKeys, sharedKeys }) => [...ownKeys, ...sharedKeys]));
  const known = await findByKeys(tx, { publicationId: feed.publicationId, feedId: feed.id }, [...keys]);
  return matchItems(keyedItems, known);
}

async function storeItems(
  tx: Tx,
  {
    feed,
    publication,
    items,
    isWhole,
  }: Omit<Ingestion, 'parsed' | 'fetched'> & { items: readonly FeedItem[] },
  { knownItems }: MatchResult,
  newArticles: readonly NewArticle[],
  now: Date,
): Promise<void> {
  const source = { publicationId: publication.id, feedId: feed.id };
  const ids = await insertArticles(tx, source, newArticles, now, items.length);
  await applyChanges(tx, { ...source, holdMs: publication.holdMinutes * MINUTE_MS }, knownItems, now);
  const known = new Map(
    knownItems.map(({ item, article }) => [item, { id: article.id, since: article.firstSeenAt }]),
  );
  // What was left out has not vanished.
  if (!isWhole) return;
  for (const [at, { item }] of newArticles.entries()) known.set(item, { id: ids[at] ?? '', since: now });
  const shown = items.flatMap((item) => {
    const article = known.get(item);
    return article === undefined
      ? []
      : [{ id: article.id, date: articleDate(item, article.since) ?? article.since }];
  });
  await retractVanished(tx, feed.id, shown, now);
}

function countByState(newArticles: readonly NewArticle[]): IngestResult {
  const count = (state: NewArticle['state']) => newArticles.filter((one) => one.state === state).length;
  return { added: newArticles.length, waiting: count('waiting'), held: count('held') };
}

async function applyHoldRules(
  tx: Tx,
  feed: Feed,
  { holdMinutes }: Publication,
  { found, items }: { found: MatchResult; items: readonly FeedItem[] },
  now: Date,
): Promise<NewArticle[]> {
  if (found.newItems.length === 0) return [];
  const { newItems, backlog } = separateBacklog(found, items);
  const titles = newItems.map(({ item }) => item.title);
  const arrival: HoldRuleInput = {
    newItems,
    totalItems: items.length,
    knownArticles: await countArticlesFromFeed(tx, feed),
    mailedTitles: await listMailedTitles(tx, feed.publicationId, titles),
  };
  const earliest = new Date(now.getTime() + holdMinutes * MINUTE_MS);
  return [
    ...backlog.map((one) => ({ ...one, state: 'skipped' as const, releaseAt: now })),
    ...newItems.map((one) => toNewArticle(one, findHoldCode(one, arrival, now), earliest, now)),
  ];
}

function pollRecordOf({ title, items }: ParsedFeed, fetched: FetchedFeed, hasNew: boolean, now: Date) {
  const dates = items.map(({ publishedAt }) => publishedAt);
  const minutes = pollIntervalMinutes(dates, fetched.maxAge);
  return {
    title: title ?? null,
    etag: fetched.etag ?? null,
    lastModified: fetched.lastModified ?? null,
    pollMinutes: minutes,
    lastNewAt: hasNew ? now : null,
    nextPollAt: nextPollTime({ pollMinutes: minutes }, now),
  };
}

/** Without a hold window articles are due at once, and should not wait for the next run of release-due. */
async function enqueueRelease(
  tx: Tx,
  publicationId: string,
  newArticles: readonly NewArticle[],
  now: Date,
): Promise<void> {
  const due = newArticles.some((article) => article.state === 'waiting' && article.releaseAt <= now);
  if (due) await enqueue(tx, 'release-articles', { publicationId }, now);
}
