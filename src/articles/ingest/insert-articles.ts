import type { Tx } from '../../platform/db/database.js';
import type { Article, ArticleContent } from '../article.js';
import type { FeedItem } from '../parse/feed-item.js';
import type { HoldCode } from '../article.js';
import { contentHashOf } from '../parse/identity-keys.js';
import { insertIdentityKeys, recordSightings, createArticleIds, insertArticleRows } from './writes.js';
import { insertHold } from '../release/writes.js';
import type { NewArticle } from './items.js';

type ArticleSource = Pick<Article, 'publicationId' | 'feedId'>;

/** Keeps new articles with all their names, one hold for all that wait for the same reason. Answers their ids in order. */
export async function insertArticles(
  tx: Tx,
  source: ArticleSource,
  newcomers: readonly NewArticle[],
  now: Date,
  inFeed = newcomers.length,
): Promise<string[]> {
  if (newcomers.length === 0) return [];
  const size = { newItems: newcomers.length, totalItems: inFeed };
  const holds = await insertHolds(tx, source, newcomers, size, now);
  const ids = await createArticleIds(tx, newcomers.length);
  const added = newcomers.flatMap((newcomer, at) => ids.slice(at, at + 1).map((id) => ({ id, newcomer })));
  const rows = added.map(({ id, newcomer }) => ({
    ...contentOf(newcomer.item),
    id,
    externalId: newcomer.item.externalId,
    state: newcomer.state,
    holdId: newcomer.state === 'held' ? (holds.get(newcomer.code) ?? null) : null,
    releaseAt: newcomer.releaseAt,
  }));
  await insertArticleRows(tx, source, rows, now);
  const keys = added.flatMap(({ id, newcomer }) => newcomer.keys.map((key) => ({ key, articleId: id })));
  await insertIdentityKeys(tx, source.publicationId, keys);
  const said = added.map(({ id, newcomer: { item } }) => sightingOf(id, item));
  if (source.feedId !== null) await recordSightings(tx, source.feedId, said);
  return ids;
}

export function contentOf(item: FeedItem): ArticleContent {
  const { title, summary, contentHtml, authors, categories } = item;
  const { url = null, image = null, publishedAt = null, updatedAt = null } = item;
  return { url, title, summary, contentHtml, authors, image, categories, publishedAt, updatedAt };
}

export function sightingOf(articleId: string, item: FeedItem) {
  return { articleId, contentHash: contentHashOf(item), categories: item.categories };
}

async function insertHolds(
  tx: Tx,
  source: ArticleSource,
  newcomers: readonly NewArticle[],
  size: { newItems: number; totalItems: number },
  now: Date,
): Promise<Map<HoldCode, string>> {
  const codes = newcomers.flatMap((one) => (one.state === 'held' ? [one.code] : []));
  const holds = new Map<HoldCode, string>();
  for (const code of new Set(codes)) {
    const heldItems = codes.filter((one) => one === code).length;
    holds.set(code, (await insertHold(tx, { ...source, code, ...size, heldItems }, now)).id);
  }
  return holds;
}
