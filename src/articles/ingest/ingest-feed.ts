import { MINUTE_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { FetchResult } from '../../platform/fetch/fetch-page.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Publication } from '../../publications/publication.js';
import { lockArticles } from '../writes.js';
import type { FeedItem, ParsedFeed } from '../parse/feed-item.js';
import { type Feed } from '../feeds/feed.js';
import { findHoldCode, type HoldRuleInput } from './hold-rules.js';
import { findByKeys, listMailedTitles, countArticlesFromFeed } from './reads.js';
import { applyChanges } from './apply-changes.js';
import { retractVanished } from './retract-vanished.js';
import { assignKeys, matchItems, type MatchResult } from './match-items.js';
import { pollIntervalMinutes, nextPollTime } from '../feeds/poll-interval.js';
import { insertArticles } from './insert-articles.js';
import { findHub } from '../feeds/hub.js';
import { recordHub } from '../feeds/hub-writes.js';
import { separateBacklog, applyFirstPollRule, toNewArticle } from './initial-state.js';
import { lockFeed, recordPollSuccess } from '../feeds/poll-writes.js';
import { updateFeedUrl } from '../feeds/writes.js';
import type { NewArticle } from './items.js';

/** How many articles are new, and how many of those wait for their release or are held; the rest counts as read. */
export type IngestResult = { added: number; waiting: number; held: number };

type FetchedFeed = Extract<FetchResult, { kind: 'fetched' }>;

/**
 * Stores what a feed shows, in one transaction: new items become articles, known ones are corrected, and what vanished
 * before its release is retracted. A feed without changes costs a handful of statements.
 */
export function ingestFeed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feed: Feed,
  publication: Publication,
  parsed: ParsedFeed,
  fetched: FetchedFeed,
): Promise<IngestResult> {
  return db.transaction(async (tx) => {
    const state = await lockFeed(tx, feed.id);
    if (state === undefined) return countByState([]);
    await lockArticles(tx, publication.id);
    const found = await matchFeedItems(tx, feed, parsed.items);
    const newArticles = state.firstPollDone
      ? await applyHoldRules(tx, feed, publication, { found, items: parsed.items }, now())
      : applyFirstPollRule(found.newItems, state.includeNewest, now());
    await storeItems(tx, { feed, publication, items: parsed.items }, found, newArticles, now());
    if (fetched.permanentUrl !== undefined) await updateFeedUrl(tx, feed.id, fetched.permanentUrl);
    await recordPollSuccess(tx, feed.id, pollRecordOf(parsed, fetched, newArticles.length > 0, now()), now());
    await recordHub(tx, feed.id, findHub(parsed, fetched));
    await enqueueRelease(tx, publication.id, newArticles, now());
    return countByState(newArticles);
  });
}

async function matchFeedItems(tx: Tx, feed: Feed, items: readonly FeedItem[]): Promise<MatchResult> {
  const keyedItems = assignKeys(items, feed.id);
  const keys = new Set(keyedItems.flatMap(({ ownKeys, sharedKeys }) => [...ownKeys, ...sharedKeys]));
  const known = await findByKeys(tx, { publicationId: feed.publicationId, feedId: feed.id }, [...keys]);
  return matchItems(keyedItems, known);
}

async function storeItems(
  tx: Tx,
  { feed, publication, items }: { feed: Feed; publication: Publication; items: readonly FeedItem[] },
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
  for (const [at, { item }] of newArticles.entries()) known.set(item, { id: ids[at] ?? '', since: now });
  const shown = items.flatMap((item) => {
    const article = known.get(item);
    return article === undefined ? [] : [{ id: article.id, date: item.publishedAt ?? article.since }];
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
