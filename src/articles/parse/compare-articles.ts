import { DAY_MS } from '../../platform/durations.js';
import type { FeedItem } from './feed-item.js';
import { canonicalLink } from '../clean/canonical-link.js';
import { cleanLine } from '../clean/clean-text.js';

/** The kinds of identity keys, strongest first: see identity-keys.ts. */
export const keyKinds = ['id', 'link', 'text', 'dated', 'titled'] as const;

export type KeyKind = (typeof keyKinds)[number];

/** What two articles are compared by. */
export type ComparedArticle = Pick<FeedItem, 'title' | 'isDayOnly' | 'unsureZone'> & {
  url: string | null | undefined;
  publishedAt: Date | null | undefined;
};

/**
 * Whether two articles that share a key of this kind are one. Publishers repeat ids and links, and bring back titles with
 * the same words: what speaks against it counts too.
 */
export function isSameArticle(kind: KeyKind, one: ComparedArticle, other: ComparedArticle): boolean {
  switch (kind) {
    case 'id':
      return !(
        haveDifferentLinks(one, other) &&
        haveDifferentTitles(one, other) &&
        haveDifferentDates(one, other)
      );
    case 'link':
      return !haveDifferentTitles(one, other) || !haveDifferentDates(one, other);
    case 'text':
      return !areDatesFarApart(one, other);
    case 'dated':
      return !(isDayOnly(one) && haveDifferentLinks(one, other));
    case 'titled':
      return true;
  }
}

/** Whether two items of one poll that share a key are two all the same: then the key identifies neither. */
export function areDifferent(one: ComparedArticle, other: ComparedArticle): boolean {
  return haveDifferentTitles(one, other) || areDatesFarApart(one, other);
}

function haveDifferentTitles(one: ComparedArticle, other: ComparedArticle): boolean {
  return normaliseTitle(one.title) !== normaliseTitle(other.title);
}

function haveDifferentLinks(one: ComparedArticle, other: ComparedArticle): boolean {
  const [first, second] = [canonicalLink(one.url), canonicalLink(other.url)];
  return first !== undefined && second !== undefined && first !== second;
}

/** Where the zone of one is unsure, the other may have it by another clock, or be the hour of its arrival. */
function haveDifferentDates(one: ComparedArticle, other: ComparedArticle): boolean {
  if (one.unsureZone !== undefined) return areDatesFarApart(one, other);
  return (
    !!one.publishedAt && !!other.publishedAt && one.publishedAt.getTime() !== other.publishedAt.getTime()
  );
}

/** Dated more than a day from each other. */
export function areDatesFarApart(
  { publishedAt: one }: ComparedArticle,
  { publishedAt: other }: ComparedArticle,
): boolean {
  return !!one && !!other && Math.abs(one.getTime() - other.getTime()) > DAY_MS;
}

/** A date without an hour is shared by all of its day. Some feeds fill in midnight. */
function isDayOnly({ publishedAt, isDayOnly: isMarked = false }: ComparedArticle): boolean {
  return isMarked || (!!publishedAt && publishedAt.getTime() % DAY_MS === 0);
}

/** A title to compare with others. */
export function normaliseTitle(title: string): string {
  return normalisePunctuation(cleanLine(title)).toLowerCase();
}

/** The words of an article without its tags, on one line. */
export function normaliseContent({ contentHtml }: Pick<FeedItem, 'contentHtml'>): string {
  return normalisePunctuation(cleanLine(contentHtml.replace(/<[^>]*>/g, ' ')));
}

/** Typographic marks as a typewriter has them: publishing programs put them in, or take them out, when a site moves. */
function normalisePunctuation(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018-\u201b\u2032\u00b4`]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015-]+/g, '-');
}
