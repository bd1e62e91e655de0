import type { Tx } from '../../platform/db/database.js';
import type { ContentMode } from '../../publications/publication.js';
import type { NumberedArticle } from '../calendar/due.js';
import { findVariantIds } from './reads.js';
import { insertVariants } from './writes.js';

/** A list of articles in one language, with or without pictures; without a format of its own it has the publication's. */
export type ArticleList = {
  locale: string;
  format: ContentMode | null;
  withoutPictures: boolean;
  articles: readonly NumberedArticle[];
};

/** Ids of committed variants that one pass of planning has read, by digest, language, format, pictures and list. */
export type VariantIdCache = Map<string, string>;

/**
 * Ids of the variants of a digest with these lists, in the same order; missing ones are made. Called once for a digest
 * in a transaction: what it finds is committed and goes into the cache, what it makes may still be rolled back.
 */
export async function findOrCreateVariants(
  tx: Tx,
  digestId: string,
  lists: readonly ArticleList[],
  known: VariantIdCache = new Map(),
): Promise<string[]> {
  const requested = lists.map((list) => toRequestedVariant(digestId, list));
  const ids = await findOrInsertVariants(
    tx,
    digestId,
    requested.filter(({ key }) => !known.has(key)),
    known,
  );
  return requested.map(({ key }) => {
    const id = known.get(key) ?? ids.get(key);
    if (id === undefined) throw new Error(`A variant of digest ${digestId} was made and is not there`);
    return id;
  });
}

type RequestedVariant = {
  key: string;
  locale: string;
  format: ContentMode | null;
  withoutPictures: boolean;
  articleIds: string[];
  maxSeq: number;
};

function toRequestedVariant(digestId: string, { articles, ...list }: ArticleList): RequestedVariant {
  const articleIds = articles.map((article) => article.id);
  const maxSeq = Math.max(0, ...articles.map((article) => article.seq));
  const key = [digestId, list.locale, list.format, list.withoutPictures, ...articleIds].join(' ');
  return { ...list, key, articleIds, maxSeq };
}

async function findOrInsertVariants(
  tx: Tx,
  digestId: string,
  requested: readonly RequestedVariant[],
  known: VariantIdCache,
): Promise<ReadonlyMap<string, string>> {
  if (requested.length === 0) return known;
  const found = await findIdsByKey(tx, digestId, requested);
  for (const [key, id] of found) if (known.size < MAX_CACHED_VARIANTS) known.set(key, id);
  const missing = requested.filter(({ key }) => !found.has(key));
  if (missing.length === 0) return found;
  // In one order, so that two planners who insert the same ones cannot deadlock.
  missing.sort((one, other) => (one.key < other.key ? -1 : 1));
  await insertVariants(tx, digestId, missing);
  return new Map([...found, ...(await findIdsByKey(tx, digestId, missing))]);
}

async function findIdsByKey(
  tx: Tx,
  digestId: string,
  requested: readonly RequestedVariant[],
): Promise<Map<string, string>> {
  const ids = await findVariantIds(tx, digestId, requested);
  return new Map(
    requested.flatMap(({ key }, index) => {
      const id = ids[index] ?? null;
      return id === null ? [] : [[key, id] as const];
    }),
  );
}

/** A pass over any number of readers needs no more memory than these. */
const MAX_CACHED_VARIANTS = 10_000;
