import { bySystem } from '../../platform/actor.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Feed } from '../feeds/feed.js';
import type { FeedItem } from '../parse/feed-item.js';
import { applyChanges } from './apply-changes.js';
import { articleDate } from './article-date.js';
import { insertArticles } from './insert-articles.js';
import type { NewArticle } from './items.js';
import type { MatchResult } from './match-items.js';
import { retractVanished } from './retract-vanished.js';

/** What a feed showed at a poll. Not whole: items are left out of it that could not be stored. */
export type ShownItems = {
  feed: Feed;
  publication: Publication;
  items: readonly FeedItem[];
  isWhole: boolean;
};

/** New articles, what the feed says of known ones now, and what vanished from it. */
export async function storeItems(
  tx: Tx,
  { feed, publication, items, isWhole }: ShownItems,
  { knownItems }: MatchResult,
  newArticles: readonly NewArticle[],
  now: Date,
): Promise<void> {
  const source = { publicationId: publication.id, feedId: feed.id };
  const ids = await insertArticles(tx, source, newArticles, bySystem(now), items.length);
  await applyChanges(tx, { ...source, holdMs: publication.holdMinutes * MINUTE_MS }, knownItems, now);
  const known = new Map(
    knownItems.map(({ item, article }) => [item, { id: article.id, since: article.firstSeenAt }]),
  );
  // What was left out has not vanished.
  if (!isWhole) return;
  for (const [at, { item }] of newArticles.entries()) known.set(item, { id: ids[at] ?? '', since: now });
  const shown = items.flatMap((item) => {
    const article = known.get(item);
    return article === undefined
      ? []
      : [{ id: article.id, date: articleDate(item, article.since) ?? article.since }];
  });
  await retractVanished(tx, feed.id, shown, now);
}
