import type { Tx } from '../../platform/db/database.js';
import type { Feed } from '../feeds/feed.js';
import type { FeedItem } from '../parse/feed-item.js';
import { contentHashOf, type IdentityKey } from '../parse/identity-keys.js';
import { isInDoubt, textOf } from './is-replaced.js';
import type { KnownArticle } from './items.js';
import { assignKeys, matchItems, type ItemKeys, type MatchResult } from './match-items.js';
import { findByKeys, findTexts } from './reads.js';

/** Which items of a feed are new, and which are articles of the publication. */
export async function matchFeedItems(tx: Tx, feed: Feed, items: readonly FeedItem[]): Promise<MatchResult> {
  const keyedItems = assignKeys(items, feed.id);
  const keys = new Set(keyedItems.flatMap(({ ownKeys, sharedKeys }) => [...ownKeys, ...sharedKeys]));
  const known = await findByKeys(tx, { publicationId: feed.publicationId, feedId: feed.id }, [...keys]);
  await loadFormerTexts(tx, keyedItems, known);
  return matchItems(keyedItems, known);
}

/** The texts of those few whose title has changed since this feed showed them last: no other article may be another one now. */
async function loadFormerTexts(
  tx: Tx,
  items: readonly ItemKeys[],
  known: ReadonlyMap<IdentityKey, KnownArticle>,
): Promise<void> {
  const doubtful = new Map<string, KnownArticle>();
  for (const { item, ownKeys } of items) {
    const articles = ownKeys.flatMap((key) => known.get(key) ?? []);
    for (const article of articles)
      if (
        article.contentHash !== null &&
        article.contentHash !== contentHashOf(item) &&
        isInDoubt(item, article)
      )
        doubtful.set(article.id, article);
  }
  if (doubtful.size === 0) return;
  for (const { id, ...words } of await findTexts(tx, [...doubtful.keys()])) {
    const article = doubtful.get(id);
    if (article !== undefined) article.formerText = textOf(words);
  }
}
