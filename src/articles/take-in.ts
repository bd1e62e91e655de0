import type { Tx } from '../platform/db/database.js';
import type { Article } from './article.js';
import { insertArticles, newIds, type ArticleWords } from './article-writes.js';
import type { FeedItem } from './feed-item.js';
import { reasonFor, reasonForAll, type ArrivalSize } from './guards.js';
import type { HoldCode } from './hold.js';
import { insertHold } from './hold-writes.js';
import { versionOf } from './identity.js';
import { insertNames, noteSightings } from './name-writes.js';
import type { FreshItem } from './recognise.js';

/** A new article and what is to become of it. */
export type Newcomer = Pick<FreshItem, 'item' | 'names'> &
  ({ state: 'waiting' | 'skipped' } | { state: 'held'; code: HoldCode }) & { releaseAt: Date };

type Source = Pick<Article, 'publicationId' | 'feedId'>;

/** Keeps new articles with all their names, one hold for all that wait for the same reason. Answers their ids in order. */
export async function takeIn(
  tx: Tx,
  source: Source,
  newcomers: readonly Newcomer[],
  now: Date,
  inFeed = newcomers.length,
): Promise<string[]> {
  if (newcomers.length === 0) return [];
  const size = { fresh: newcomers.length, inFeed };
  const holds = await openHolds(tx, source, newcomers, size, now);
  const ids = await newIds(tx, newcomers.length);
  const added = newcomers.flatMap((newcomer, at) => ids.slice(at, at + 1).map((id) => ({ id, newcomer })));
  const rows = added.map(({ id, newcomer }) => ({
    ...wordsOf(newcomer.item),
    id,
    externalId: newcomer.item.externalId,
    state: newcomer.state,
    holdId: newcomer.state === 'held' ? (holds.get(newcomer.code) ?? null) : null,
    holdReason: newcomer.state === 'held' ? reasonFor(newcomer.code, size) : null,
    releaseAt: newcomer.releaseAt,
  }));
  await insertArticles(tx, source, rows, now);
  const names = added.flatMap(({ id, newcomer }) => newcomer.names.map((name) => ({ name, articleId: id })));
  await insertNames(tx, source.publicationId, names);
  const said = added.map(({ id, newcomer: { item } }) => sightingOf(id, item));
  if (source.feedId !== null) await noteSightings(tx, source.feedId, said);
  return ids;
}

export function wordsOf(item: FeedItem): ArticleWords {
  const { title, summary, contentHtml, authors, categories } = item;
  const { url = null, image = null, publishedAt = null, updatedAt = null } = item;
  return { url, title, summary, contentHtml, authors, image, categories, publishedAt, updatedAt };
}

export function sightingOf(articleId: string, item: FeedItem) {
  return { articleId, version: versionOf(item), categories: item.categories };
}

async function openHolds(
  tx: Tx,
  source: Source,
  newcomers: readonly Newcomer[],
  size: ArrivalSize,
  now: Date,
): Promise<Map<HoldCode, string>> {
  const codes = newcomers.flatMap((one) => (one.state === 'held' ? [one.code] : []));
  const holds = new Map<HoldCode, string>();
  for (const code of new Set(codes)) {
    const reason = reasonForAll(code, size, codes.filter((one) => one === code).length);
    holds.set(code, (await insertHold(tx, { ...source, code, reason }, now)).id);
  }
  return holds;
}
