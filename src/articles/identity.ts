import { createHash } from 'node:crypto';
import { canonicalLink } from './canonical-link.js';
import { foldText } from './clean-text.js';
import type { FeedItem } from './feed-item.js';

/** What an article may be known by, strongest first. */
const kinds = ['id', 'link', 'text', 'dated', 'titled'] as const;

type NameKind = (typeof kinds)[number];

/** A kind, a colon and half a SHA-256: as short for a long address as for a short one. */
export type ArticleName = `${NameKind}:${string}`;

/** What two articles are compared by. */
export type Likeness = Pick<FeedItem, 'title'> & {
  url: string | null | undefined;
  publishedAt: Date | null | undefined;
};

type Named = Likeness & Pick<FeedItem, 'contentHtml' | 'externalId' | 'idIsPage'>;

const DAY_MS = 24 * 3_600_000;

/** These ids say who gave them; others ("17") mean something only within their feed. */
const WORLDWIDE = /^(?:https?:|tag:|urn:)/i;

/**
 * All names of an item, strongest first: its id, the page it leads to, its title with its words, its title with its date.
 * An empty id is none, nor is its page where that stands for one: pages are used again, ids are not.
 * @param source the feed that brought it; `push` for the API and the command line
 */
export function namesOf(item: Named, source: string): ArticleName[] {
  const { externalId, idIsPage = false, url, publishedAt } = item;
  const title = foldTitle(item.title);
  const words = foldWords(item);
  return [
    ...named('id', externalId && !idIsPage && `${WORLDWIDE.test(externalId) ? '' : source}\n${externalId}`),
    ...named('link', canonicalLink(url)),
    ...named('text', words && `${title}\n${words}`),
    ...named('dated', publishedAt && `${title}\n${publishedAt.toISOString()}`),
  ];
}

/** The name of whatever article this page is. */
export function linkName(url: string | null): ArticleName | undefined {
  return named('link', canonicalLink(url))[0];
}

/** For an item whose other names are those of others too. */
export function lastName({ externalId, title }: FeedItem, source: string): ArticleName {
  return `titled:${digest([source, externalId, foldTitle(title)].join('\n'))}`;
}

export function kindOf(name: ArticleName): NameKind {
  return kinds.find((kind) => name.startsWith(`${kind}:`)) ?? 'titled';
}

/** A fingerprint of all that an item says; not of when it says that it changed, which some feeds do at every look. */
export function versionOf(item: FeedItem): string {
  const { url, title, summary, contentHtml, authors, image, categories, publishedAt } = item;
  return digest(
    JSON.stringify([url, title, summary, contentHtml, authors, image, categories, publishedAt?.getTime()]),
  );
}

/**
 * Whether two articles that share a name of this kind are one. Publishers repeat ids and links, and bring back titles with
 * the same words: what speaks against it counts too.
 */
export function isSame(kind: NameKind, one: Likeness, other: Likeness): boolean {
  switch (kind) {
    case 'id':
      return !(haveOtherLinks(one, other) && haveOtherTitles(one, other) && haveOtherDates(one, other));
    case 'link':
      return !haveOtherTitles(one, other) || !haveOtherDates(one, other);
    case 'text':
      return !areFarApart(one, other);
    case 'dated':
      return !(isDayOnly(one.publishedAt) && haveOtherLinks(one, other));
    case 'titled':
      return true;
  }
}

/** Two items of one look at a feed that share a name and yet are two: the name says nothing. */
export function areTwo(one: Likeness, other: Likeness): boolean {
  return haveOtherTitles(one, other) || areFarApart(one, other);
}

function haveOtherTitles(one: Likeness, other: Likeness): boolean {
  return foldTitle(one.title) !== foldTitle(other.title);
}

function haveOtherLinks(one: Likeness, other: Likeness): boolean {
  const [first, second] = [canonicalLink(one.url), canonicalLink(other.url)];
  return first !== undefined && second !== undefined && first !== second;
}

function haveOtherDates({ publishedAt: one }: Likeness, { publishedAt: other }: Likeness): boolean {
  return !!one && !!other && one.getTime() !== other.getTime();
}

/** Dated more than a day from each other. */
export function areFarApart({ publishedAt: one }: Likeness, { publishedAt: other }: Likeness): boolean {
  return !!one && !!other && Math.abs(one.getTime() - other.getTime()) > DAY_MS;
}

/** A date without an hour is shared by all of its day. */
function isDayOnly(date: Date | null | undefined): boolean {
  return !!date && date.getTime() % DAY_MS === 0;
}

/** A title to compare with others. */
export function foldTitle(title: string): string {
  return foldText(title).normalize('NFC').toLowerCase();
}

/** The words of an article without its tags, on one line. */
export function foldWords({ contentHtml }: Pick<FeedItem, 'contentHtml'>): string {
  return foldText(contentHtml.replace(/<[^>]*>/g, ' '));
}

function named(kind: NameKind, value: string | false | null | undefined): ArticleName[] {
  return value ? [`${kind}:${digest(value)}`] : [];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
