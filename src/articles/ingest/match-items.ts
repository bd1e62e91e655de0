import type { FeedItem } from '../parse/feed-item.js';
import { keyKindOf, fallbackKey, identityKeysOf, type IdentityKey } from '../parse/identity-keys.js';
import { isSameArticle, areDifferent } from '../parse/compare-articles.js';
import type { NewItem, KnownItem, KnownArticle } from './items.js';

/** Which items of a feed are articles we know, under whatever name, and which are new. Twins count once. */
export type MatchResult = { newItems: NewItem[]; knownItems: KnownItem[] };

/** An item and its names: those it alone has in this look at the feed, and those that another one has too. */
export type ItemKeys = { item: FeedItem; ownKeys: IdentityKey[]; sharedKeys: IdentityKey[] };

type KnownByKey = ReadonlyMap<IdentityKey, KnownArticle>;

/**
 * The items of a feed with their names. A constant id or a link to one page for all says nothing of each: such names
 * are shared, and an item that has no other is known by its id and title together.
 */
export function assignKeys(items: readonly FeedItem[], source: string): ItemKeys[] {
  const named = items.map((item) => ({ item, names: identityKeysOf(item, source) }));
  const shared = findSharedKeys(named);
  return named.map(({ item, names }) => {
    const own = names.filter((one) => !shared.has(one));
    return {
      item,
      ownKeys: own.length > 0 ? own : [fallbackKey(item, source)],
      sharedKeys: names.filter((one) => shared.has(one)),
    };
  });
}

/**
 * Tells new items from known ones.
 * @param known articles by all the names that the items have
 */
export function matchItems(items: readonly ItemKeys[], known: KnownByKey): MatchResult {
  const fresh = new Map<IdentityKey, NewItem>();
  const seen = new Map<string, KnownItem>();
  for (const named of items) {
    const article = findKnownArticle(named, known);
    const twin = article === undefined ? findDuplicate(named, fresh) : undefined;
    if (article !== undefined) addKnownItem(seen, article, named, known);
    else if (twin !== undefined) addKeys(fresh, twin, named.ownKeys);
    else addKeys(fresh, { item: named.item, keys: [], isUrlTaken: isUrlTaken(named, known) }, named.ownKeys);
  }
  return { newItems: [...new Set(fresh.values())], knownItems: [...seen.values()] };
}

function findSharedKeys(named: readonly { item: FeedItem; names: IdentityKey[] }[]): Set<IdentityKey> {
  const first = new Map<IdentityKey, FeedItem>();
  const shared = new Set<IdentityKey>();
  for (const { item, names } of named) {
    for (const one of names) {
      const other = first.get(one);
      if (other === undefined) first.set(one, item);
      else if (areDifferent(item, other)) shared.add(one);
    }
  }
  return shared;
}

function findKnownArticle(
  { item, ownKeys, sharedKeys }: ItemKeys,
  known: KnownByKey,
): KnownArticle | undefined {
  for (const one of ownKeys) {
    const article = known.get(one);
    if (article !== undefined && isSameArticle(keyKindOf(one), item, article)) return article;
  }
  return sharedKeys
    .map((one) => known.get(one))
    .find((article) => article !== undefined && !areDifferent(item, article));
}

function findDuplicate(
  { item, ownKeys }: ItemKeys,
  fresh: ReadonlyMap<IdentityKey, NewItem>,
): NewItem | undefined {
  return ownKeys
    .map((one) => fresh.get(one))
    .find((twin) => twin !== undefined && !areDifferent(item, twin.item));
}

function addKnownItem(
  seen: Map<string, KnownItem>,
  article: KnownArticle,
  { item, ownKeys }: ItemKeys,
  known: KnownByKey,
): void {
  const entry = seen.get(article.id) ?? { item, article, newKeys: [] };
  entry.newKeys.push(...ownKeys.filter((one) => !known.has(one)));
  seen.set(article.id, entry);
}

function addKeys(fresh: Map<IdentityKey, NewItem>, entry: NewItem, names: IdentityKey[]): void {
  for (const one of names) {
    if (fresh.has(one)) continue;
    fresh.set(one, entry);
    entry.keys.push(one);
  }
}

function isUrlTaken({ ownKeys }: ItemKeys, known: KnownByKey): boolean {
  const link = ownKeys.find((one) => keyKindOf(one) === 'link');
  const state = link && known.get(link)?.state;
  return state === 'released' || state === 'waiting';
}
