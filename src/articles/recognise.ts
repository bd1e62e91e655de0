import type { Article } from './article.js';
import type { FeedItem } from './feed-item.js';
import { areTwo, isSame, kindOf, lastName, namesOf, type ArticleName } from './identity.js';

/** An article of the publication, and what this feed said of it last. */
export type KnownArticle = Pick<
  Article,
  | 'id'
  | 'feedId'
  | 'url'
  | 'title'
  | 'categories'
  | 'publishedAt'
  | 'firstSeenAt'
  | 'state'
  | 'holdId'
  | 'retraction'
  | 'releaseAt'
> & {
  /** Null: this feed never showed it. */
  version: string | null;
  /** Those that this feed gave it. */
  saidCategories: string[] | null;
  /** This feed had stopped to show it. */
  isGone: boolean | null;
};

export type FreshItem = {
  item: FeedItem;
  names: ArticleName[];
  /** Another article at the same address is out, or about to be. */
  sharesAddress: boolean;
};

export type SeenItem = { item: FeedItem; article: KnownArticle; newNames: ArticleName[] };

/** Which items of a feed are articles we know, under whatever name, and which are new. Twins count once. */
export type Recognised = { fresh: FreshItem[]; seen: SeenItem[] };

/** An item and its names: those it alone has in this look at the feed, and those that another one has too. */
export type NamedItem = { item: FeedItem; own: ArticleName[]; shared: ArticleName[] };

type Known = ReadonlyMap<ArticleName, KnownArticle>;

/**
 * The items of a feed with their names. A constant id or a link to one page for all says nothing of each: such names
 * are shared, and an item that has no other is known by its id and title together.
 */
export function nameItems(items: readonly FeedItem[], source: string): NamedItem[] {
  const named = items.map((item) => ({ item, names: namesOf(item, source) }));
  const shared = sharedByTwo(named);
  return named.map(({ item, names }) => {
    const own = names.filter((one) => !shared.has(one));
    return {
      item,
      own: own.length > 0 ? own : [lastName(item, source)],
      shared: names.filter((one) => shared.has(one)),
    };
  });
}

/**
 * Tells new items from known ones.
 * @param known articles by all the names that the items have
 */
export function recognise(items: readonly NamedItem[], known: Known): Recognised {
  const fresh = new Map<ArticleName, FreshItem>();
  const seen = new Map<string, SeenItem>();
  for (const named of items) {
    const article = findKnown(named, known);
    const twin = article === undefined ? findTwin(named, fresh) : undefined;
    if (article !== undefined) addSeen(seen, article, named, known);
    else if (twin !== undefined) addNames(fresh, twin, named.own);
    else
      addNames(fresh, { item: named.item, names: [], sharesAddress: isAddressOut(named, known) }, named.own);
  }
  return { fresh: [...new Set(fresh.values())], seen: [...seen.values()] };
}

function sharedByTwo(named: readonly { item: FeedItem; names: ArticleName[] }[]): Set<ArticleName> {
  const first = new Map<ArticleName, FeedItem>();
  const shared = new Set<ArticleName>();
  for (const { item, names } of named) {
    for (const one of names) {
      const other = first.get(one);
      if (other === undefined) first.set(one, item);
      else if (areTwo(item, other)) shared.add(one);
    }
  }
  return shared;
}

function findKnown({ item, own, shared }: NamedItem, known: Known): KnownArticle | undefined {
  for (const one of own) {
    const article = known.get(one);
    if (article !== undefined && isSame(kindOf(one), item, article)) return article;
  }
  return shared
    .map((one) => known.get(one))
    .find((article) => article !== undefined && !areTwo(item, article));
}

function findTwin(
  { item, own }: NamedItem,
  fresh: ReadonlyMap<ArticleName, FreshItem>,
): FreshItem | undefined {
  return own.map((one) => fresh.get(one)).find((twin) => twin !== undefined && !areTwo(item, twin.item));
}

function addSeen(
  seen: Map<string, SeenItem>,
  article: KnownArticle,
  { item, own }: NamedItem,
  known: Known,
): void {
  const entry = seen.get(article.id) ?? { item, article, newNames: [] };
  entry.newNames.push(...own.filter((one) => !known.has(one)));
  seen.set(article.id, entry);
}

function addNames(fresh: Map<ArticleName, FreshItem>, entry: FreshItem, names: ArticleName[]): void {
  for (const one of names) {
    if (fresh.has(one)) continue;
    fresh.set(one, entry);
    entry.names.push(one);
  }
}

function isAddressOut({ own }: NamedItem, known: Known): boolean {
  const link = own.find((one) => kindOf(one) === 'link');
  const state = link && known.get(link)?.state;
  return state === 'released' || state === 'waiting';
}
