import { recordActivities, type Change } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { Article, ArticleContent } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { HoldCode } from '../article.js';
import { contentHashOf } from '../parse/identity-keys.js';
import { insertIdentityKeys, createArticleIds, insertArticleRows } from './writes.js';
import { recordSightings } from './sighting-writes.js';
import { insertHold } from '../release/hold-writes.js';
import { articleDate } from './article-date.js';
import type { NewArticle } from './items.js';

type ArticleSource = Pick<Article, 'publicationId' | 'feedId'>;

/**
 * Stores new articles with their identity keys, and one hold for all that are held for the same reason. That they came is
 * recorded of each that may still go out, and of the others how many there are.
 * @param totalItems how many items the feed holds in all
 * @returns the ids, in the order of the articles
 */
export async function insertArticles(
  tx: Tx,
  source: ArticleSource,
  newArticles: readonly NewArticle[],
  context: Pick<Context, 'actor' | 'now'>,
  totalItems = newArticles.length,
): Promise<string[]> {
  if (newArticles.length === 0) return [];
  const now = context.now();
  const size = { newItems: newArticles.length, totalItems };
  const holds = await insertHolds(tx, source, newArticles, size, now);
  const ids = await createArticleIds(tx, newArticles.length);
  const added = newArticles.flatMap((article, at) => ids.slice(at, at + 1).map((id) => ({ id, article })));
  const rows = added.map(({ id, article }) => ({
    ...contentOf(article.item, now),
    id,
    externalId: article.item.externalId,
    state: article.state,
    holdId: article.state === 'held' ? (holds.get(article.code) ?? null) : null,
    releaseAt: article.releaseAt,
  }));
  await insertArticleRows(tx, source, rows, now);
  const keys = added.flatMap(({ id, article }) => article.keys.map((key) => ({ key, articleId: id })));
  await insertIdentityKeys(tx, source.publicationId, keys);
  const sightings = added.map(({ id, article: { item } }) => sightingOf(id, item));
  if (source.feedId !== null) await recordSightings(tx, source.feedId, sightings);
  await recordActivities(tx, context, changesOf(source, added, holds));
  return ids;
}

function changesOf(
  { publicationId, feedId }: ArticleSource,
  added: readonly { id: string; article: NewArticle }[],
  holds: ReadonlyMap<HoldCode, string>,
): Change[] {
  const changes = added.flatMap(({ id: subjectId, article }): Change[] => {
    const kind = 'article.added' as const;
    if (article.state === 'held') {
      const { state, code: reason } = article;
      return [{ kind, publicationId, subjectId, after: { state, reason, holdId: holds.get(reason) } }];
    }
    const { state } = article;
    return isBacklog(article) ? [] : [{ kind, publicationId, subjectId, after: { state } }];
  });
  const count = added.filter(({ article }) => isBacklog(article)).length;
  if (count === 0) return changes;
  return [...changes, { kind: 'feed.backlog-skipped', publicationId, subjectId: feedId, after: { count } }];
}

function isBacklog(article: NewArticle): boolean {
  return article.state === 'skipped' && article.isNeverEmailed !== true;
}

/** What an item says of an article that was first seen then. */
export function contentOf(item: FeedItem, seenAt: Date): ArticleContent {
  const { title, summary, contentHtml, authors, categories } = item;
  const { url = null, image = null, updatedAt = null } = item;
  const publishedAt = articleDate(item, seenAt) ?? null;
  return { url, title, summary, contentHtml, authors, image, categories, publishedAt, updatedAt };
}

export function sightingOf(articleId: string, item: FeedItem) {
  return { articleId, contentHash: contentHashOf(item), categories: item.categories };
}

async function insertHolds(
  tx: Tx,
  source: ArticleSource,
  newArticles: readonly NewArticle[],
  size: { newItems: number; totalItems: number },
  now: Date,
): Promise<Map<HoldCode, string>> {
  const codes = newArticles.flatMap((one) => (one.state === 'held' ? [one.code] : []));
  const holds = new Map<HoldCode, string>();
  for (const code of new Set(codes)) {
    const heldItems = codes.filter((one) => one === code).length;
    holds.set(code, (await insertHold(tx, { ...source, code, ...size, heldItems }, now)).id);
  }
  return holds;
}
