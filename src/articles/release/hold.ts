import { DAY_MS } from '../../platform/durations.js';
import type { HoldReason } from '../article.js';

/** An article dated longer ago than this is held: it is from an archive. */
export const MAX_AGE_DAYS = 30;
/** One dated further in the future than this is held: its date is wrong, or it leaked long before its time. */
export const MAX_AHEAD_DAYS = 7;

/** The articles of one arrival that wait for one and the same reason: an operator decides once. */
export type ArticleHold = HoldReason & {
  id: string;
  publicationId: string;
  feedId: string | null;
  /** How many articles it covered when it was made. */
  heldItems: number;
  heldAt: Date;
  /** How many of its articles are still held; 0: it is decided. */
  count: number;
  /** Of the newest of those, five at most. */
  titles: string[];
  /** Null where it has none, or was never looked at; both are null for articles that no feed brought. */
  feedTitle: string | null;
  feedUrl: string | null;
};

/** "Harbour News (https://harbour.example/feed)", or its address alone. Null for what no feed brought. */
export function describeFeed({
  feedTitle,
  feedUrl,
}: Pick<ArticleHold, 'feedTitle' | 'feedUrl'>): string | null {
  return feedTitle === null || feedUrl === null ? feedUrl : `${feedTitle} (${feedUrl})`;
}

export function isTooOld(publishedAt: Date | null | undefined, now: Date): boolean {
  return !!publishedAt && now.getTime() - publishedAt.getTime() > MAX_AGE_DAYS * DAY_MS;
}

/** A scheduled post may show up in the feed before its date. It waits for that date, but not for longer than a week. */
export function isTooFarAhead(publishedAt: Date | null | undefined, now: Date): boolean {
  return !!publishedAt && publishedAt.getTime() - now.getTime() > MAX_AHEAD_DAYS * DAY_MS;
}
