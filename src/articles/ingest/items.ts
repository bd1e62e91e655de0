import type { Article } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { IdentityKey } from '../parse/identity-keys.js';
import type { HoldCode } from '../article.js';

/** An article of the publication, and what this feed showed of it at the last poll. */
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
  contentHash: string | null;
  /** The categories that this feed gave it; null: it never showed it. */
  feedCategories: string[] | null;
  /** This feed did not show it at the last poll. Null: it never showed it. */
  isMissing: boolean | null;
  /** Its words, where the feed shows another title under its id or address than at the last poll. */
  formerText?: string;
};

export type NewItem = {
  item: FeedItem;
  keys: IdentityKey[];
  /** Another article at the same address is out, or about to be. */
  isUrlTaken: boolean;
  /** It has the id or address of an article that was read, and another title and text. */
  isReplacement: boolean;
};

export type KnownItem = { item: FeedItem; article: KnownArticle; newKeys: IdentityKey[] };

/** A new article and its first state. */
export type NewArticle = Pick<NewItem, 'item' | 'keys'> &
  (
    | { state: 'waiting' }
    /** `isNeverEmailed`: by its categories; else it was there before. */
    | { state: 'skipped'; isNeverEmailed?: true }
    | { state: 'held'; code: HoldCode }
  ) & { releaseAt: Date };
