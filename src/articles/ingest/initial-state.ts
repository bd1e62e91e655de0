import { DAY_MS } from '../../platform/durations.js';
import { articleDate } from './article-date.js';
import { isTooFarAhead } from '../release/hold.js';
import type { Publication } from '../../publications/publication.js';
import { isNeverEmailed } from '../release/never-emailed.js';
import type { HoldCode } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { MatchResult } from './match-items.js';
import type { NewItem, NewArticle } from './items.js';

/**
 * The first poll: what the feed holds counts as read, except the newest `includeNewest`. A date more than a day ahead is
 * taken for a mistake, and does not make an item the newest.
 */
export function applyFirstPollRule(
  newItems: readonly NewItem[],
  includeNewest: number,
  now: Date,
): NewArticle[] {
  const latest = now.getTime() + DAY_MS;
  const time = ({ item }: NewItem) => {
    const at = item.publishedAt?.getTime() ?? 0;
    return at > latest ? 0 : at;
  };
  const newest = new Set(newItems.toSorted((a, b) => time(b) - time(a)).slice(0, includeNewest));
  return newItems.map((one) =>
    newest.has(one)
      ? toNewArticle(one, one.item.isProtected ? 'protected' : undefined, now, now)
      : { ...one, state: 'skipped', releaseAt: now },
  );
}

/** With fewer known articles it cannot be judged where the feed ended at the last poll. */
const MIN_KNOWN_ITEMS = 3;

/**
 * Splits off the backlog: items below every known one and older than all of them. They were published before the feed
 * was followed, and come back when it shows more items than before or one was deleted. They count as read, like what
 * was there at the first poll.
 */
export function separateBacklog(
  { newItems, knownItems }: MatchResult,
  items: readonly FeedItem[],
): { newItems: NewItem[]; backlog: NewItem[] } {
  const known = new Set(knownItems.map(({ item }) => item));
  const lowest = items.findLastIndex((item) => known.has(item));
  const dates = [...known].flatMap(({ publishedAt }) =>
    publishedAt === undefined ? [] : [publishedAt.getTime()],
  );
  const oldest = Math.min(...dates);
  const isBacklog = ({ item }: NewItem) =>
    dates.length >= MIN_KNOWN_ITEMS &&
    items.indexOf(item) > lowest &&
    item.publishedAt !== undefined &&
    item.publishedAt.getTime() < oldest;
  return { newItems: newItems.filter((one) => !isBacklog(one)), backlog: newItems.filter(isBacklog) };
}

/** What is in a category that is never emailed counts as sent, whatever else is said of it. */
export function keepFromReaders(
  articles: readonly NewArticle[],
  publication: Pick<Publication, 'neverEmailCategories'>,
  now: Date,
): NewArticle[] {
  return articles.map((article) => {
    if (article.state === 'skipped' || !isNeverEmailed(article.item.categories, publication)) return article;
    const { item, keys } = article;
    return { item, keys, state: 'skipped', isNeverEmailed: true, releaseAt: now };
  });
}

/** Held for a reason, or waiting until `earliest`, and never before its own date. */
export function toNewArticle(
  { item, keys }: NewItem,
  found: HoldCode | undefined,
  earliest: Date,
  now: Date,
): NewArticle {
  const code = found ?? (isTooFarAhead(item.publishedAt, now) ? 'scheduled' : undefined);
  const releaseAt = new Date(Math.max(earliest.getTime(), articleDate(item, now)?.getTime() ?? 0));
  if (code !== undefined) return { item, keys, state: 'held', code, releaseAt: earliest };
  return { item, keys, state: 'waiting', releaseAt };
}
