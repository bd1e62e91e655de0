import { canonicalLink } from '../clean/canonical-link.js';
import { judgeAgain } from '../release/judge-again.js';
import type { Tx } from '../../platform/db/database.js';
import type { Article, ArticleContent } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import { contentHashOf } from '../parse/identity-keys.js';
import { articleDate } from './article-date.js';
import { sightingOf, contentOf } from './insert-articles.js';
import type { KnownArticle, KnownItem } from './items.js';
import { recordCorrections, recordReappeared } from './record-changes.js';
import { recordSightings, restoreVanishedToHeld, restoreVanishedToWaiting } from './sighting-writes.js';
import { insertIdentityKeys, setCategories, updateArticles } from './writes.js';

type ChangeSource = Pick<Article, 'publicationId'> & { feedId: string; holdMs: number };

/**
 * What a poll says about known articles: further keys, corrections, other topics, and that they are shown again. Writes
 * only what changed. Nobody is mailed an article again: a correction after its release reaches the archive alone.
 */
export async function applyChanges(
  tx: Tx,
  from: ChangeSource,
  knownItems: readonly KnownItem[],
  now: Date,
): Promise<void> {
  const keys = knownItems.flatMap(({ article, newKeys }) =>
    newKeys.map((key) => ({ key, articleId: article.id })),
  );
  if (keys.length > 0) await insertIdentityKeys(tx, from.publicationId, firstByKey(keys));
  const changed = knownItems.filter(
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

/** Only the feed that brought an article corrects it; other feeds that show it add topics. */
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
  await recordCorrections(tx, from.publicationId, own, now);
  const judged = own.map(({ item, article }) => ({
    id: article.id,
    isProtected: item.isProtected ?? false,
    hasNewUrl: canonicalLink(item.url) !== canonicalLink(article.url),
  }));
  await judgeAgain(tx, from.publicationId, judged, now);
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
  const words = contentOf(item, article.firstSeenAt);
  const others = article.categories.filter((one) => !article.feedCategories?.includes(one));
  return {
    ...words,
    categories: union(item.categories, article.feedCategories === null ? [] : others),
    publishedAt: unreleased ? (words.publishedAt ?? article.publishedAt) : article.publishedAt,
    updatedAt: words.updatedAt ?? (unreleased ? null : now),
  };
}

/** Only while it waits: one that an operator released is due already, and its date moves nothing. */
function hasNewDate(item: FeedItem, article: KnownArticle, now: Date): boolean {
  if (article.state !== 'waiting' || article.releaseAt <= now) return false;
  const publishedAt = articleDate(item, article.firstSeenAt);
  return publishedAt !== undefined && publishedAt.getTime() !== article.publishedAt?.getTime();
}

function releaseTimeOf(item: FeedItem, { firstSeenAt }: KnownArticle, holdMs: number): Date {
  const date = articleDate(item, firstSeenAt);
  return new Date(Math.max(firstSeenAt.getTime() + holdMs, date?.getTime() ?? 0));
}

/**
 * The hold window counts from the first sighting: were it started again, a feed served by a stale and a fresh cache in
 * turn would keep an article waiting for ever.
 */
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
  if (waiting.length > 0)
    await recordReappeared(tx, 'waiting', await restoreVanishedToWaiting(tx, waiting), now);
  const heldIds = held.map(({ article }) => article.id);
  if (heldIds.length > 0) await recordReappeared(tx, 'held', await restoreVanishedToHeld(tx, heldIds), now);
}

function isUnreleased({ state }: KnownArticle): boolean {
  return state === 'waiting' || state === 'held' || state === 'retracted';
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

/** Of rows with the same key the first is kept: an insert may not name a row twice. */
function firstByKey<Row extends { key: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.toReversed().map((row) => [row.key, row])).values()];
}
