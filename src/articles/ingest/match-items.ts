import type { FeedItem } from '../parse/feed-item.js';
import { keyKindOf, fallbackKey, identityKeysOf, type IdentityKey } from '../parse/identity-keys.js';
import { isSameArticle, areDifferent } from '../parse/compare-articles.js';
import { isReplaced, isUnread } from './is-replaced.js';
import type { NewItem, KnownItem, KnownArticle } from './items.js';

/** Which items of a feed the publication has, by any of their keys, and which are new. Duplicates within the feed count once. */
export type MatchResult = { newItems: NewItem[]; knownItems: KnownItem[] };

/** An item and its keys: those that no other item of this poll has, and those that another one has too. */
export type ItemKeys = { item: FeedItem; ownKeys: IdentityKey[]; sharedKeys: IdentityKey[] };

type KnownByKey = ReadonlyMap<IdentityKey, KnownArticle>;

/**
 * The items of a feed with their keys. An id or link that several different items have identifies none of them: such
 * keys are shared, and an item that has no other gets a fallback key of its id and title together.
 */
export function assignKeys(items: readonly FeedItem[], source: string): ItemKeys[] {
  const keyed = items.map((item) => ({ item, keys: identityKeysOf(item, source) }));
  const shared = findSharedKeys(keyed);
  return keyed.map(({ item, keys }) => {
    const own = keys.filter((one) => !shared.has(one));
    return {
      item,
      ownKeys: own.length > 0 ? own : [fallbackKey(item, source)],
      sharedKeys: keys.filter((one) => shared.has(one)),
    };
  });
}

/**
 * Tells new items from known ones.
 * @param known the articles of the publication by those keys of the items that they have
 */
export function matchItems(items: readonly ItemKeys[], known: KnownByKey): MatchResult {
  const newItems = new Map<IdentityKey, NewItem>();
  const knownItems = new Map<string, KnownItem>();
  for (const keyed of items) {
    const { article, isReplacement } = findKnownArticle(keyed, known, items.length === 1);
    const duplicate = article === undefined ? findDuplicate(keyed, newItems) : undefined;
    if (article !== undefined) addKnownItem(knownItems, article, keyed, known);
    else if (duplicate !== undefined) addKeys(newItems, duplicate, keyed.ownKeys);
    else
      addKeys(
        newItems,
        {
          item: keyed.item,
          keys: [],
          isUrlTaken: !isReplacement && isUrlTaken(keyed, known),
          isReplacement: isReplacement && items.length > 1,
        },
        keyed.ownKeys,
      );
  }
  return { newItems: [...new Set(newItems.values())], knownItems: [...knownItems.values()] };
}

function findSharedKeys(keyed: readonly { item: FeedItem; keys: IdentityKey[] }[]): Set<IdentityKey> {
  const first = new Map<IdentityKey, FeedItem>();
  const shared = new Set<IdentityKey>();
  for (const { item, keys } of keyed) {
    for (const one of keys) {
      const other = first.get(one);
      if (other === undefined) first.set(one, item);
      else if (areDifferent(item, other)) shared.add(one);
    }
  }
  return shared;
}

/** `isReplacement`: it has the id or address of an article that was read, whose place it took. */
function findKnownArticle(
  { item, ownKeys, sharedKeys }: ItemKeys,
  known: KnownByKey,
  isOnlyItem: boolean,
): { article?: KnownArticle; isReplacement: boolean } {
  let isReplacement = false;
  for (const one of ownKeys) {
    const article = known.get(one);
    if (article === undefined || !isSameArticle(keyKindOf(one), item, article)) continue;
    if (!isReplaced(item, article, isOnlyItem)) return { article, isReplacement: false };
    isReplacement ||= isOnlyItem || !isUnread(article);
  }
  const article = sharedKeys
    .map((one) => known.get(one))
    .find((other) => other !== undefined && !areDifferent(item, other));
  return article === undefined ? { isReplacement } : { article, isReplacement: false };
}

function findDuplicate(
  { item, ownKeys }: ItemKeys,
  newItems: ReadonlyMap<IdentityKey, NewItem>,
): NewItem | undefined {
  return ownKeys
    .map((one) => newItems.get(one))
    .find((duplicate) => duplicate !== undefined && !areDifferent(item, duplicate.item));
}

function addKnownItem(
  knownItems: Map<string, KnownItem>,
  article: KnownArticle,
  { item, ownKeys }: ItemKeys,
  known: KnownByKey,
): void {
  const entry = knownItems.get(article.id) ?? { item, article, newKeys: [] };
  entry.newKeys.push(...ownKeys.filter((one) => !known.has(one)));
  knownItems.set(article.id, entry);
}

function addKeys(newItems: Map<IdentityKey, NewItem>, entry: NewItem, keys: IdentityKey[]): void {
  for (const one of keys) {
    if (newItems.has(one)) continue;
    newItems.set(one, entry);
    entry.keys.push(one);
  }
}

function isUrlTaken({ ownKeys }: ItemKeys, known: KnownByKey): boolean {
  const link = ownKeys.find((one) => keyKindOf(one) === 'link');
  const state = link && known.get(link)?.state;
  return state === 'released' || state === 'waiting';
}
