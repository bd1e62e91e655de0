import type { Tx } from '../../platform/db/database.js';
import type { Article, ArticleContent } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import { listMissingUnreleased } from './reads.js';
import { contentHashOf } from '../parse/identity-keys.js';
import {
  insertIdentityKeys,
  recordMissing,
  recordSightings,
  markVanished,
  restoreVanishedToWaiting,
  restoreVanishedToHeld,
  updateArticles,
  setCategories,
} from './writes.js';
import { sightingOf, contentOf } from './insert-articles.js';
import type { KnownArticle, KnownItem } from './items.js';

type ChangeSource = Pick<Article, 'publicationId'> & { feedId: string; holdMs: number };

/**
 * What a look at a feed says about articles we know: new names, better words, other topics, and that they are back. Writes
 * only what changed. Nobody is mailed anything again: a correction after the release reaches the archive.
 */
export async function applyChanges(
  tx: Tx,
  from: ChangeSource,
  seen: readonly KnownItem[],
  now: Date,
): Promise<void> {
  const keys = seen.flatMap(({ article, newKeys }) => newKeys.map((key) => ({ key, articleId: article.id })));
  if (keys.length > 0) await insertIdentityKeys(tx, from.publicationId, firstByKey(keys));
  const changed = seen.filter(
    ({ item, article }) => article.isMissing || article.contentHash !== contentHashOf(item),
  );
  if (changed.length === 0) return;
  await restoreVanished(tx, changed, from.holdMs, now);
  await updateContent(tx, from, changed, now);
  await recordSightings(
    tx,
    from.feedId,
    changed.map(({ item, article }) => sightingOf(article.id, item)),
  );
}

/** The feed an article came from has the say over its words; others only add topics. */
async function updateContent(
  tx: Tx,
  from: ChangeSource,
  changed: readonly KnownItem[],
  now: Date,
): Promise<void> {
  const own = changed.filter(
    ({ item, article }) => article.feedId === from.feedId && article.contentHash !== contentHashOf(item),
  );
  const corrections = own.map(({ item, article }) => ({
    ...mergeContent(item, article, now),
    id: article.id,
    releaseAt: hasNewDate(item, article, now) ? releaseTimeOf(item, article, from.holdMs) : null,
  }));
  if (corrections.length > 0) await updateArticles(tx, corrections);
  const merged = changed
    .filter(({ article }) => article.feedId !== from.feedId)
    .map(({ item, article }) => ({
      id: article.id,
      categories: union(article.categories, item.categories),
      article,
    }))
    .filter(({ categories, article }) => categories.length > article.categories.length);
  if (merged.length > 0)
    await setCategories(
      tx,
      merged.map(({ id, categories }) => ({ id, categories })),
    );
}

function mergeContent(item: FeedItem, article: KnownArticle, now: Date): ArticleContent {
  const unreleased = isUnreleased(article);
  const words = contentOf(item);
  const others = article.categories.filter((one) => !article.feedCategories?.includes(one));
  return {
    ...words,
    categories: union(item.categories, article.feedCategories === null ? [] : others),
    publishedAt: unreleased ? (words.publishedAt ?? article.publishedAt) : article.publishedAt,
    updatedAt: words.updatedAt ?? (unreleased ? null : now),
  };
}

/** Only while it waits, and not when an operator let it go. */
function hasNewDate({ publishedAt }: FeedItem, article: KnownArticle, now: Date): boolean {
  if (article.state !== 'waiting' || article.releaseAt <= now) return false;
  return publishedAt !== undefined && publishedAt.getTime() !== article.publishedAt?.getTime();
}

function releaseTimeOf({ publishedAt }: FeedItem, { firstSeenAt }: KnownArticle, holdMs: number): Date {
  return new Date(Math.max(firstSeenAt.getTime() + holdMs, publishedAt?.getTime() ?? 0));
}

/** Its hold window goes on from when it came first: a cache that shows it and does not would keep it for ever. */
async function restoreVanished(
  tx: Tx,
  changed: readonly KnownItem[],
  holdMs: number,
  now: Date,
): Promise<void> {
  const back = changed.filter(({ article }) => article.retraction === 'vanished');
  const held = back.filter(({ article }) => article.holdId !== null);
  const free = back.filter(({ article }) => article.holdId === null);
  const waiting = free.map(({ item, article }) => ({
    id: article.id,
    releaseAt: new Date(Math.max(releaseTimeOf(item, article, holdMs).getTime(), now.getTime())),
  }));
  if (waiting.length > 0) await restoreVanishedToWaiting(tx, waiting);
  if (held.length > 0)
    await restoreVanishedToHeld(
      tx,
      held.map(({ article }) => article.id),
    );
}

/**
 * What the feed shows no more. An article that was not released yet is taken back where the feed still shows older ones:
 * its publisher removed it. Else it only rolled off the end.
 * @param shown what the feed shows now, in its order
 */
export async function retractVanished(
  tx: Tx,
  feedId: string,
  shown: readonly { id: string; date: Date }[],
  now: Date,
): Promise<void> {
  if (shown.length === 0) return;
  const gone = await recordMissing(
    tx,
    feedId,
    shown.map(({ id }) => id),
    now,
  );
  if (gone.length === 0) return;
  const oldest = oldestShownTime(shown.map(({ date }) => date.getTime()));
  const lost = await listMissingUnreleased(tx, feedId, gone);
  const vanished = lost.filter(
    ({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime() > oldest,
  );
  if (vanished.length > 0)
    await markVanished(
      tx,
      vanished.map(({ id }) => id),
    );
}

/** One that is older than the next below it is pinned to the top: it says nothing of where the feed ends. */
function oldestShownTime([first, ...rest]: number[]): number {
  const dates = first !== undefined && (rest[0] === undefined || first >= rest[0]) ? [first, ...rest] : rest;
  return Math.min(...dates);
}

function isUnreleased({ state }: KnownArticle): boolean {
  return state === 'waiting' || state === 'held' || state === 'retracted';
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

/** Two items may claim a name: the first has it. */
function firstByKey<Row extends { key: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.toReversed().map((row) => [row.key, row])).values()];
}
