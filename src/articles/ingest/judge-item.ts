import type { HoldCode } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import { findHoldCode } from './hold-rules.js';

/**
 * Why an item would be held if it were the only new one of its feed when it appears, at its own date; undefined: it would go
 * out. What is in the database is not looked at.
 */
export function judgeItem(item: FeedItem, now: Date): HoldCode | undefined {
  const appears = item.publishedAt !== undefined && item.publishedAt < now ? item.publishedAt : now;
  const newItem = { item, keys: [], isUrlTaken: false, isReplacement: false };
  const arrival = { newItems: [newItem], totalItems: 1, knownArticles: 0, mailedTitles: new Set<string>() };
  return findHoldCode(newItem, arrival, appears);
}
