import { createHash } from 'node:crypto';
import { canonicalLink } from '../clean/canonical-link.js';
import { cleanLine } from '../clean/clean-text.js';
import type { FeedItem } from './feed-item.js';

/** What an article may be known by, strongest first. */
const keyKinds = ['id', 'link', 'text', 'dated', 'titled'] as const;

type KeyKind = (typeof keyKinds)[number];

/** A kind, a colon and half a SHA-256: as short for a long address as for a short one. */
export type IdentityKey = `${KeyKind}:${string}`;

/** What two articles are compared by. */
export type ComparedArticle = Pick<FeedItem, 'title'> & {
  url: string | null | undefined;
  publishedAt: Date | null | undefined;
};

type KeyedItem = ComparedArticle & Pick<FeedItem, 'contentHtml' | 'externalId' | 'idIsUrl'>;

const DAY_MS = 24 * 3_600_000;

/** These ids say who gave them; others ("17") mean something only within their feed. */
const GLOBAL_ID = /^(?:https?:|tag:|urn:)/i;

/**
 * All names of an item, strongest first: its id, the page it leads to, its title with its words, its title with its date.
 * An empty id is none, nor is its page where that stands for one: pages are used again, ids are not.
 * @param source the feed that brought it; `push` for the API and the command line
 */
export function identityKeysOf(item: KeyedItem, source: string): IdentityKey[] {
  const { externalId, idIsUrl = false, url, publishedAt } = item;
  const title = normaliseTitle(item.title);
  const words = normaliseContent(item);
  return [
    ...makeKey('id', externalId && !idIsUrl && `${GLOBAL_ID.test(externalId) ? '' : source}\n${externalId}`),
    ...makeKey('link', canonicalLink(url)),
    ...makeKey('text', words && `${title}\n${words}`),
    ...makeKey('dated', publishedAt && `${title}\n${publishedAt.toISOString()}`),
  ];
}

/** The name of whatever article this page is. */
export function linkKey(url: string | null): IdentityKey | undefined {
  return makeKey('link', canonicalLink(url))[0];
}

/** For an item whose other names are those of others too. */
export function fallbackKey({ externalId, title }: FeedItem, source: string): IdentityKey {
  return `titled:${hash([source, externalId, normaliseTitle(title)].join('\n'))}`;
}

export function keyKindOf(name: IdentityKey): KeyKind {
  return keyKinds.find((kind) => name.startsWith(`${kind}:`)) ?? 'titled';
}

/** A fingerprint of all that an item says; not of when it says that it changed, which some feeds do at every look. */
export function contentHashOf(item: FeedItem): string {
  const { url, title, summary, contentHtml, authors, image, categories, publishedAt } = item;
  return hash(
    JSON.stringify([url, title, summary, contentHtml, authors, image, categories, publishedAt?.getTime()]),
  );
}

/**
 * Whether two articles that share a name of this kind are one. Publishers repeat ids and links, and bring back titles with
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
      return !(isDateOnly(one.publishedAt) && haveDifferentLinks(one, other));
    case 'titled':
      return true;
  }
}

/** Two items of one look at a feed that share a name and yet are two: the name says nothing. */
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

function haveDifferentDates(
  { publishedAt: one }: ComparedArticle,
  { publishedAt: other }: ComparedArticle,
): boolean {
  return !!one && !!other && one.getTime() !== other.getTime();
}

/** Dated more than a day from each other. */
export function areDatesFarApart(
  { publishedAt: one }: ComparedArticle,
  { publishedAt: other }: ComparedArticle,
): boolean {
  return !!one && !!other && Math.abs(one.getTime() - other.getTime()) > DAY_MS;
}

/** A date without an hour is shared by all of its day. */
function isDateOnly(date: Date | null | undefined): boolean {
  return !!date && date.getTime() % DAY_MS === 0;
}

/** A title to compare with others. */
export function normaliseTitle(title: string): string {
  return normalisePunctuation(cleanLine(title)).toLowerCase();
}

/** Typographic marks as a typewriter has them: publishing programs put them in, or take them out, when a site moves. */
function normalisePunctuation(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018-\u201b\u2032\u00b4`]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015-]+/g, '-');
}

/** The words of an article without its tags, on one line. */
export function normaliseContent({ contentHtml }: Pick<FeedItem, 'contentHtml'>): string {
  return normalisePunctuation(cleanLine(contentHtml.replace(/<[^>]*>/g, ' ')));
}

function makeKey(kind: KeyKind, value: string | false | null | undefined): IdentityKey[] {
  return value ? [`${kind}:${hash(value)}`] : [];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
