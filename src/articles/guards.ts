import type { FeedItem } from './feed-item.js';
import type { HoldCode } from './hold.js';
import type { FreshItem } from './recognise.js';

const DAY_MS = 24 * 3600 * 1000;
const OLDEST_DAYS = 30;
const FURTHEST_DAYS = 7;
const MOST_AT_ONCE = 20;

/** What a poll found that is new, and what the guards need to know beside it. */
export type Arrival = {
  items: readonly FreshItem[];
  /** How many items the feed holds in all, known ones included. */
  inFeed: number;
  /** How many articles this feed brought before. */
  knownBefore: number;
  /** Which of their titles this publication has released before, or is about to. */
  mailedTitles: ReadonlySet<string>;
};

/** How many items are new, and how many the feed holds in all. */
export type ArrivalSize = { fresh: number; inFeed: number };

/** Why a new item must wait for a person, or undefined: nothing surprising is ever mailed. */
export function findHoldCode(fresh: FreshItem, arrival: Arrival, now: Date): HoldCode | undefined {
  const { item, sharesAddress } = fresh;
  if (arrival.items.length > MOST_AT_ONCE) return 'flood';
  if (idsChanged(arrival)) return 'ids-changed';
  if (isOlder(item.publishedAt, OLDEST_DAYS, now)) return 'old';
  if (isTooFarAhead(item.publishedAt, now)) return 'scheduled';
  if (isEmpty(item)) return 'empty';
  if (sharesAddress) return 'same-address';
  if (arrival.mailedTitles.has(item.title)) return 'same-title';
  return undefined;
}

/** The same for one that its publisher pushes: when it goes out is his word, and so is how many he sends. */
export function findPushHoldCode(item: FeedItem, mailedTitles: ReadonlySet<string>): HoldCode | undefined {
  if (isEmpty(item)) return 'empty';
  return mailedTitles.has(item.title) ? 'same-title' : undefined;
}

/** A post that is scheduled may leak before its date: it waits, but not for longer than a week. */
export function isTooFarAhead(publishedAt: Date | undefined, now: Date): boolean {
  return isOlder(now, FURTHEST_DAYS, publishedAt ?? now);
}

/** What an operator reads beside one article. */
export function reasonFor(code: HoldCode, size: ArrivalSize): string {
  return say(code, size, 'It');
}

/** What she reads above all that were held for this reason. */
export function reasonForAll(code: HoldCode, size: ArrivalSize, count: number): string {
  return say(code, size, count === 1 ? 'One article' : `${count} articles`);
}

function say(code: HoldCode, { fresh, inFeed }: ArrivalSize, who: string): string {
  const many = /^\d/.test(who);
  const [is, has] = many ? ['are', 'have'] : ['is', 'has'];
  switch (code) {
    case 'flood':
      return `${fresh} new articles arrived at once.`;
    case 'ids-changed':
      return `${fresh} of the ${inFeed} articles in the feed look new. That often means the feed's ids changed.`;
    case 'old':
      return `${who} ${is} dated more than ${OLDEST_DAYS} days ago.`;
    case 'scheduled':
      return `${who} ${is} dated more than ${FURTHEST_DAYS} days from now.`;
    case 'empty':
      return `${who} ${has} a title, but no text.`;
    case 'same-address':
    case 'same-title':
      return isOut(code === 'same-title' ? 'title' : 'address', many);
    case 'by-hand':
      return 'An operator held it.';
  }
}

function isOut(what: string, many: boolean): string {
  return many
    ? `Articles with the same ${what}s are out already, or about to be.`
    : `An article with the same ${what} is out already, or about to be.`;
}

/** A feed that moved or was rebuilt shows articles we know under ids we do not. Small feeds turn over by themselves. */
function idsChanged({ items, inFeed, knownBefore }: Arrival): boolean {
  return knownBefore >= 5 && items.length > 3 && items.length * 2 > inFeed;
}

/** It would be a mail of a title and a button. */
function isEmpty({ contentHtml, summary }: FeedItem): boolean {
  return contentHtml === '' && summary === '';
}

function isOlder(date: Date | undefined, days: number, than: Date): boolean {
  return date !== undefined && than.getTime() - date.getTime() > days * DAY_MS;
}
