import type { FeedItem } from '../parse/feed-item.js';
import { isTooFarAhead } from '../release/hold.js';

/**
 * The date of an article that was first seen at `seenAt`. One ahead of that whose time zone is unsure counts as then: a zone
 * that nobody understands delays nothing. Further ahead than any zone is wide, the feed's date stays, and is held for it.
 */
export function articleDate(
  { publishedAt, unsureZone }: Pick<FeedItem, 'publishedAt' | 'unsureZone'>,
  seenAt: Date,
): Date | undefined {
  if (publishedAt === undefined || unsureZone === undefined || publishedAt <= seenAt) return publishedAt;
  return isTooFarAhead(publishedAt, seenAt) ? publishedAt : seenAt;
}
