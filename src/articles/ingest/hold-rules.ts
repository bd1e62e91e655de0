import { DAY_MS } from '../../platform/durations.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { HoldCode } from '../article.js';
import { MAX_AGE_DAYS, MAX_AHEAD_DAYS } from '../release/hold.js';
import type { NewItem } from './items.js';

const MAX_NEW_ITEMS = 20;

/** What a poll found that is new, and what the rules compare it with. */
export type HoldRuleInput = {
  newItems: readonly NewItem[];
  /** How many items the feed holds in all, known ones included. */
  totalItems: number;
  /** How many articles this feed brought before. */
  knownArticles: number;
  /** Which of their titles this publication has released before, or is about to. */
  mailedTitles: ReadonlySet<string>;
};

/** Why a new item is held for an operator; undefined: it is not. The first rule that applies counts. */
export function findHoldCode(newItem: NewItem, arrival: HoldRuleInput, now: Date): HoldCode | undefined {
  const { item, isUrlTaken } = newItem;
  if (arrival.newItems.length > MAX_NEW_ITEMS) return 'flood';
  if (haveIdsChanged(arrival)) return 'ids-changed';
  if (isOlderThan(item.publishedAt, MAX_AGE_DAYS, now)) return 'old';
  if (isTooFarAhead(item.publishedAt, now)) return 'scheduled';
  if (isEmpty(item)) return 'empty';
  if (isUrlTaken) return 'same-address';
  if (arrival.mailedTitles.has(item.title)) return 'same-title';
  return undefined;
}

/** Why a pushed article is held. Its date and how many are pushed at once are the publisher's own decision. */
export function findPushHoldCode(item: FeedItem, mailedTitles: ReadonlySet<string>): HoldCode | undefined {
  if (isEmpty(item)) return 'empty';
  return mailedTitles.has(item.title) ? 'same-title' : undefined;
}

/** A scheduled post may show up in the feed before its date. It waits for that date, but not for longer than a week. */
export function isTooFarAhead(publishedAt: Date | undefined, now: Date): boolean {
  return isOlderThan(now, MAX_AHEAD_DAYS, publishedAt ?? now);
}

/** A feed that moved or was rebuilt shows known articles under unknown ids. Feeds of few articles turn over by themselves. */
function haveIdsChanged({ newItems, totalItems, knownArticles }: HoldRuleInput): boolean {
  return knownArticles >= 5 && newItems.length > 3 && newItems.length * 2 > totalItems;
}

/** Its mail would be a title and a button. A picture alone is content. */
function isEmpty({ contentHtml, summary, image }: FeedItem): boolean {
  return contentHtml === '' && summary === '' && image === undefined;
}

function isOlderThan(date: Date | undefined, days: number, than: Date): boolean {
  return date !== undefined && than.getTime() - date.getTime() > days * DAY_MS;
}
