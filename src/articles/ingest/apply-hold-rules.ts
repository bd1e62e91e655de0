import { MINUTE_MS } from '../../platform/durations.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Feed } from '../feeds/feed.js';
import type { FeedItem } from '../parse/feed-item.js';
import { findHoldCode, type HoldRuleInput } from './hold-rules.js';
import { separateBacklog, toNewArticle } from './initial-state.js';
import type { NewArticle } from './items.js';
import type { MatchResult } from './match-items.js';
import { countArticlesFromFeed, listMailedTitles } from './reads.js';

/** The first state of each new item of a feed that was polled before. */
export async function applyHoldRules(
  tx: Tx,
  feed: Feed,
  { holdMinutes }: Publication,
  { found, items }: { found: MatchResult; items: readonly FeedItem[] },
  now: Date,
): Promise<NewArticle[]> {
  if (found.newItems.length === 0) return [];
  const { newItems, backlog } = separateBacklog(found, items);
  const titles = newItems.map(({ item }) => item.title);
  const arrival: HoldRuleInput = {
    newItems,
    totalItems: items.length,
    knownArticles: await countArticlesFromFeed(tx, feed),
    mailedTitles: await listMailedTitles(tx, feed.publicationId, titles),
  };
  const earliest = new Date(now.getTime() + holdMinutes * MINUTE_MS);
  return [
    ...backlog.map((one) => ({ ...one, state: 'skipped' as const, releaseAt: now })),
    ...newItems.map((one) => toNewArticle(one, findHoldCode(one, arrival, now), earliest, now)),
  ];
}
