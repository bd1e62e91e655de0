import { createHash } from 'node:crypto';
import { canonicalLink } from '../clean/canonical-link.js';
import type { FeedItem } from './feed-item.js';
import { areDatesFarApart, normaliseTitle, normaliseContent } from './compare-articles.js';

/** `copies` is how many were left out, `sharedIds` how many came with an id that other articles have too. */
export type DeduplicatedItems = { items: FeedItem[]; copies: number; sharedIds: number };

/**
 * The items of one poll, each article once: of its copies the first, which is the newest. An id that several articles
 * have (the site's address, "0") identifies none of them: each gets its page as id, or else a hash of its content.
 */
export function deduplicateItems(items: readonly FeedItem[]): DeduplicatedItems {
  const kept = removeCopies(items);
  const ids = countBy(kept, ({ externalId }) => externalId);
  const pages = countBy(kept, pageKey);
  const withOwnIds = kept.map((item) =>
    ids.get(item.externalId) === 1
      ? item
      : { ...item, externalId: replacementId(item, pages.get(pageKey(item)) === 1), idIsUrl: false },
  );
  const distinct = removeCopies(withOwnIds);
  return {
    items: distinct,
    copies: items.length - distinct.length,
    sharedIds: kept.filter((item, at) => item !== withOwnIds[at]).length,
  };
}

/** Two with one id are one article when they have one title at nearly one time, or one page with the same words. */
function removeCopies(items: readonly FeedItem[]): FeedItem[] {
  const titled = new Map<string, FeedItem[]>();
  const worded = new Set<string>();
  const pages = countBy(items, pageKey);
  return items.filter((item) => {
    const title = `${item.externalId}\n${normaliseTitle(item.title)}`;
    const page = pageKey(item);
    const words = page === '' || pages.get(page) === 1 ? '' : normaliseContent(item);
    const others = titled.get(title) ?? [];
    titled.set(title, [...others, item]);
    if (others.some((other) => !areDatesFarApart(item, other)) || worded.has(`${page}\n${words}`))
      return false;
    if (words !== '') worded.add(`${page}\n${words}`);
    return true;
  });
}

/** An id and the page beside it; empty without a page. */
function pageKey({ externalId, url }: FeedItem): string {
  const page = canonicalLink(url) ?? url;
  return page === undefined ? '' : `${externalId}\n${page}`;
}

function replacementId({ url, title, contentHtml, publishedAt }: FeedItem, hasOwnPage: boolean): string {
  if (url !== undefined && hasOwnPage) return url.slice(0, 500);
  const words = [title, contentHtml, publishedAt?.toISOString() ?? ''];
  return `sha256:${createHash('sha256').update(words.join('\n')).digest('hex')}`;
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
