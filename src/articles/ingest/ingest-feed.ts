import { bySystem } from '../../platform/actor.js';
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
import { pollIntervalMinutes, nextPollTime } from '../feeds/poll-interval.js';
import { findHub } from '../feeds/hub.js';
import type { FeedFailure } from '../feeds/feed-failure.js';
import { recordHub } from '../feeds/hub-writes.js';
import { applyHoldRules } from './apply-hold-rules.js';
import { applyFirstPollRule, keepFromReaders } from './initial-state.js';
import { matchFeedItems } from './match-feed-items.js';
import { storeItems } from './store-items.js';
import { lockFeed, recordPollFailure, recordPollSuccess } from '../feeds/poll-writes.js';
import { moveFeedTo } from '../feeds/change-feeds.js';
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
  const judged = state.firstPollDone
    ? await applyHoldRules(tx, feed, publication, { found, items: parsed.items }, now)
    : applyFirstPollRule(found.newItems, state.includeNewest, now);
  const newArticles = keepFromReaders(judged, publication, now);
  await storeItems(tx, { feed, publication, items: parsed.items, isWhole }, found, newArticles, now);
  if (fetched.permanentUrl !== undefined) await moveFeedTo(tx, bySystem(now), feed.id, fetched.permanentUrl);
  const record = pollRecordOf(parsed, fetched, newArticles.length > 0, now);
  // Without these its server sends the feed again although nothing of it has changed.
  const validators = isWhole ? {} : { etag: null, lastModified: null };
  await recordPollSuccess(tx, feed.id, { ...record, ...validators }, now);
  await recordHub(tx, feed.id, findHub(parsed, fetched));
  await enqueueRelease(tx, publication.id, newArticles, now);
  return countByState(newArticles);
}

function countByState(newArticles: readonly NewArticle[]): IngestResult {
  const count = (state: NewArticle['state']) => newArticles.filter((one) => one.state === state).length;
  return { added: newArticles.length, waiting: count('waiting'), held: count('held') };
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
