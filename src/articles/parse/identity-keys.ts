import { createHash } from 'node:crypto';
import { canonicalLink } from '../clean/canonical-link.js';
import type { FeedItem } from './feed-item.js';
import type { ComparedArticle, KeyKind } from './compare-articles.js';
import { keyKinds, normaliseTitle, normaliseContent } from './compare-articles.js';

/** A kind, a colon and half a SHA-256: as short for a long address as for a short one. */
export type IdentityKey = `${KeyKind}:${string}`;
type KeyedItem = ComparedArticle & Pick<FeedItem, 'contentHtml' | 'externalId' | 'idIsUrl'>;

/** These ids say who gave them; others ("17") mean something only within their feed. */
const GLOBAL_ID = /^(?:https?:|tag:|urn:)/i;

/**
 * All keys of an item, strongest first: its id, the page it leads to, its title with its words, its title with its date.
 * An empty id is no key, nor is a page's address that stands for an id: pages are used again, ids are not.
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

/** The key of whatever article this page is. */
export function linkKey(url: string | null): IdentityKey | undefined {
  return makeKey('link', canonicalLink(url))[0];
}

/** For an item whose other keys other items have too. */
export function fallbackKey({ externalId, title }: FeedItem, source: string): IdentityKey {
  return `titled:${hash([source, externalId, normaliseTitle(title)].join('\n'))}`;
}

export function keyKindOf(key: IdentityKey): KeyKind {
  return keyKinds.find((kind) => key.startsWith(`${kind}:`)) ?? 'titled';
}

/** A fingerprint of all that an item says; not of when it says that it changed, which some feeds do at every look. */
export function contentHashOf(item: FeedItem): string {
  const { url, title, summary, contentHtml, authors, image, categories, publishedAt } = item;
  return hash(
    JSON.stringify([url, title, summary, contentHtml, authors, image, categories, publishedAt?.getTime()]),
  );
}

function makeKey(kind: KeyKind, value: string | false | null | undefined): IdentityKey[] {
  return value ? [`${kind}:${hash(value)}`] : [];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
