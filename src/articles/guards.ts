import type { FeedItem } from './feed-item.js';

const DAY_MS = 24 * 3600 * 1000;
const OLDEST_DAYS = 30;
const MOST_AT_ONCE = 20;

/** What a poll found that is new, and what the guards need to know beside it. */
export type Arrival = {
  items: readonly FeedItem[];
  /** How many items the feed holds in all, known ones included. */
  inFeed: number;
  /** How many articles this feed brought before. */
  knownBefore: number;
  /** Which of their titles this publication has released before, or is about to. */
  mailedTitles: ReadonlySet<string>;
};

/**
 * Why a new item must wait for a person, or undefined: nothing surprising is ever mailed.
 * The sentence is what the operator reads.
 */
export function holdReason(item: FeedItem, arrival: Arrival, now: Date): string | undefined {
  const count = arrival.items.length;
  if (count > MOST_AT_ONCE) return `${count} new articles arrived at once.`;
  if (idsChanged(arrival)) {
    return `${count} of the ${arrival.inFeed} articles in the feed look new. That often means the feed's ids changed.`;
  }
  if (isOld(item, now)) return `It is dated more than ${OLDEST_DAYS} days ago.`;
  if (item.contentHtml === '' && item.summary === '') return 'It has a title, but no text.';
  if (arrival.mailedTitles.has(item.title))
    return 'An article with the same title is out already, or about to be.';
  return undefined;
}

/** A feed that moved or was rebuilt shows articles we know under ids we do not. Small feeds turn over by themselves. */
function idsChanged({ items, inFeed, knownBefore }: Arrival): boolean {
  return knownBefore >= 5 && items.length > 3 && items.length * 2 > inFeed;
}

function isOld(item: FeedItem, now: Date): boolean {
  return item.publishedAt !== undefined && now.getTime() - item.publishedAt.getTime() > OLDEST_DAYS * DAY_MS;
}
