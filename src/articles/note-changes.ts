import type { Tx } from '../platform/db/database.js';
import type { Article } from './article.js';
import { correctArticles, setCategories, type ArticleWords } from './article-writes.js';
import { holdAgain, retractVanished, waitAgain } from './hold-writes.js';
import type { FeedItem } from './feed-item.js';
import { listLost } from './identity-reads.js';
import { versionOf } from './identity.js';
import { insertNames, noteGone, noteSightings } from './name-writes.js';
import type { KnownArticle, SeenItem } from './recognise.js';
import { sightingOf, wordsOf } from './take-in.js';

type From = Pick<Article, 'publicationId'> & { feedId: string; holdMs: number };

/**
 * What a look at a feed says about articles we know: new names, better words, other topics, and that they are back. Writes
 * only what changed. Nobody is mailed anything again: a correction after the release reaches the archive.
 */
export async function noteChanges(tx: Tx, from: From, seen: readonly SeenItem[], now: Date): Promise<void> {
  const names = seen.flatMap(({ article, newNames }) =>
    newNames.map((name) => ({ name, articleId: article.id })),
  );
  if (names.length > 0) await insertNames(tx, from.publicationId, distinct(names));
  const changed = seen.filter(({ item, article }) => article.isGone || article.version !== versionOf(item));
  if (changed.length === 0) return;
  await bringBack(tx, changed, now.getTime() + from.holdMs);
  await correct(tx, from, changed, now);
  await noteSightings(
    tx,
    from.feedId,
    changed.map(({ item, article }) => sightingOf(article.id, item)),
  );
}

/** The feed an article came from has the say over its words; others only add topics. */
async function correct(tx: Tx, from: From, changed: readonly SeenItem[], now: Date): Promise<void> {
  const own = changed.filter(
    ({ item, article }) => article.feedId === from.feedId && article.version !== versionOf(item),
  );
  const corrections = own.map(({ item, article }) => ({
    ...wordsNow(item, article, now),
    id: article.id,
    releaseAt: dateMoved(item, article, now) ? waitsUntil(item, article, from.holdMs) : null,
  }));
  if (corrections.length > 0) await correctArticles(tx, corrections);
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

function wordsNow(item: FeedItem, article: KnownArticle, now: Date): ArticleWords {
  const unreleased = isUnreleased(article);
  const words = wordsOf(item);
  const others = article.categories.filter((one) => !article.saidCategories?.includes(one));
  return {
    ...words,
    categories: union(item.categories, article.saidCategories === null ? [] : others),
    publishedAt: unreleased ? (words.publishedAt ?? article.publishedAt) : article.publishedAt,
    updatedAt: words.updatedAt ?? (unreleased ? null : now),
  };
}

/** Only while it waits, and not when an operator let it go. */
function dateMoved({ publishedAt }: FeedItem, article: KnownArticle, now: Date): boolean {
  if (article.state !== 'waiting' || article.releaseAt <= now) return false;
  return publishedAt !== undefined && publishedAt.getTime() !== article.publishedAt?.getTime();
}

function waitsUntil({ publishedAt }: FeedItem, { firstSeenAt }: KnownArticle, holdMs: number): Date {
  return new Date(Math.max(firstSeenAt.getTime() + holdMs, publishedAt?.getTime() ?? 0));
}

async function bringBack(tx: Tx, changed: readonly SeenItem[], earliest: number): Promise<void> {
  const back = changed.filter(({ article }) => article.retraction === 'vanished');
  const held = back.filter(({ article }) => article.holdId !== null);
  const free = back.filter(({ article }) => article.holdId === null);
  const waiting = free.map(({ item, article }) => ({
    id: article.id,
    releaseAt: new Date(Math.max(earliest, item.publishedAt?.getTime() ?? 0)),
  }));
  if (waiting.length > 0) await waitAgain(tx, waiting);
  if (held.length > 0)
    await holdAgain(
      tx,
      held.map(({ article }) => article.id),
    );
}

const VANISHED = 'It vanished from its feed before it was released.';

/**
 * What the feed shows no more. An article that was not released yet is taken back where the feed still shows older ones:
 * its publisher removed it. Else it only rolled off the end.
 * @param shown what the feed shows now, in its order
 */
export async function noteVanished(
  tx: Tx,
  feedId: string,
  shown: readonly { id: string; date: Date }[],
  now: Date,
): Promise<void> {
  if (shown.length === 0) return;
  const gone = await noteGone(
    tx,
    feedId,
    shown.map(({ id }) => id),
    now,
  );
  if (gone.length === 0) return;
  const oldest = oldestShown(shown.map(({ date }) => date.getTime()));
  const lost = await listLost(tx, feedId, gone);
  const vanished = lost.filter(
    ({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime() > oldest,
  );
  if (vanished.length > 0)
    await retractVanished(
      tx,
      vanished.map(({ id }) => id),
      VANISHED,
    );
}

/** One that is older than the next below it is pinned to the top: it says nothing of where the feed ends. */
function oldestShown([first, ...rest]: number[]): number {
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
function distinct<Row extends { name: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.toReversed().map((row) => [row.name, row])).values()];
}
