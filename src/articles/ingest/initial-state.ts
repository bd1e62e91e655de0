import { DAY_MS } from '../../platform/durations.js';
import { isTooFarAhead } from './hold-rules.js';
import type { HoldCode } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { MatchResult } from './match-items.js';
import type { NewItem, NewArticle } from './items.js';

/**
 * The first poll starts from now: what is there counts as read, but for the newest few that were asked for. A date of
 * another day to come says nothing of what is newest.
 */
export function applyFirstPollRule(
  fresh: readonly NewItem[],
  includeNewest: number,
  now: Date,
): NewArticle[] {
  const latest = now.getTime() + DAY_MS;
  const time = ({ item }: NewItem) => {
    const at = item.publishedAt?.getTime() ?? 0;
    return at > latest ? 0 : at;
  };
  const newest = new Set(fresh.toSorted((a, b) => time(b) - time(a)).slice(0, includeNewest));
  return fresh.map((one) =>
    newest.has(one) ? toNewArticle(one, undefined, now, now) : { ...one, state: 'skipped', releaseAt: now },
  );
}

/** So many known articles tell where a feed ended before. */
const MIN_KNOWN_ITEMS = 3;

/**
 * What stands below everything known and is older than all of it was there before we looked: a feed that shows more than
 * it did, or lost an article, brings such back. It counts as read, like what was there at the first look.
 */
export function separateBacklog(
  { newItems, knownItems }: MatchResult,
  items: readonly FeedItem[],
): { fresh: NewItem[]; past: NewItem[] } {
  const known = new Set(knownItems.map(({ item }) => item));
  const lowest = items.findLastIndex((item) => known.has(item));
  const dates = [...known].flatMap(({ publishedAt }) =>
    publishedAt === undefined ? [] : [publishedAt.getTime()],
  );
  const oldest = Math.min(...dates);
  const isPast = ({ item }: NewItem) =>
    dates.length >= MIN_KNOWN_ITEMS &&
    items.indexOf(item) > lowest &&
    item.publishedAt !== undefined &&
    item.publishedAt.getTime() < oldest;
  return { fresh: newItems.filter((one) => !isPast(one)), past: newItems.filter(isPast) };
}

/** Nothing goes out before its own date. */
export function toNewArticle(
  { item, keys }: NewItem,
  found: HoldCode | undefined,
  earliest: Date,
  now: Date,
): NewArticle {
  const code = found ?? (isTooFarAhead(item.publishedAt, now) ? 'scheduled' : undefined);
  const releaseAt = new Date(Math.max(earliest.getTime(), item.publishedAt?.getTime() ?? 0));
  if (code !== undefined) return { item, keys: keys, state: 'held', code, releaseAt: earliest };
  return { item, keys: keys, state: 'waiting', releaseAt };
}
