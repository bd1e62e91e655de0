import type { FeedItem } from '../parse/feed-item.js';
import type { HoldCode } from '../article.js';
import { findContentHold, type JudgedContent } from '../release/content-hold.js';
import { isTooFarAhead, isTooOld } from '../release/hold.js';
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

/**
 * Why a new item is held for an operator; undefined: it is not. The first rule that applies counts: what is protected is held
 * on its own, so that nobody lets it go with many others.
 */
export function findHoldCode(newItem: NewItem, arrival: HoldRuleInput, now: Date): HoldCode | undefined {
  const { item, isUrlTaken, isReplacement } = newItem;
  if (item.isProtected) return 'protected';
  if (arrival.newItems.length > MAX_NEW_ITEMS) return 'flood';
  if (haveIdsChanged(arrival)) return 'ids-changed';
  if (isTooOld(item.publishedAt, now)) return 'old';
  if (isTooFarAhead(item.publishedAt, now)) return 'scheduled';
  if (isReplacement) return 'replaced';
  const code = findContentHold(toJudged(item), arrival.mailedTitles.has(item.title));
  return isUrlTaken && code !== 'empty' ? 'same-address' : code;
}

/** An item as it is judged: feeds tell at once whether it is protected. */
export function toJudged({
  title,
  summary,
  contentHtml,
  image,
  isProtected = false,
}: FeedItem): JudgedContent {
  return { title, summary, contentHtml, image: image ?? null, isProtected };
}

/** A feed that moved or was rebuilt shows known articles under unknown ids. Feeds of few articles turn over by themselves. */
function haveIdsChanged({ newItems, totalItems, knownArticles }: HoldRuleInput): boolean {
  return knownArticles >= 5 && newItems.length > 3 && newItems.length * 2 > totalItems;
}
