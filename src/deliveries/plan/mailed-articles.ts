import type { Db, Tx } from '../../platform/db/database.js';
import type { Reader } from '../../subscribers/subscription.js';
import type { VariantArticles } from '../reads.js';
import { areFewBetween } from '../../subscribers/due/reads.js';
import { listMailedVariants, listMailedVariantsBetween } from './reads.js';

/** Ids of the articles that digests have brought each reader, by her subscription's id. */
export type MailedArticles = Map<string, Set<string>>;

/** Which of the articles in these lists each of these readers has been mailed, or is about to be. */
export async function findMailedArticles(
  db: Db | Tx,
  lists: readonly VariantArticles[],
  readers: readonly Pick<Reader, 'id'>[],
): Promise<MailedArticles> {
  const mailed: MailedArticles = new Map();
  if (lists.length === 0) return mailed;
  const articles = new Map(lists.map(({ variantId, articleIds }) => [variantId, articleIds]));
  const digestIds = [...new Set(lists.map(({ digestId }) => digestId))];
  const readerIds = readers.map((reader) => reader.id);
  for (const { subscriptionId, variantId } of await listMailed(db, digestIds, readerIds)) {
    const before = mailed.get(subscriptionId) ?? new Set();
    for (const id of articles.get(variantId) ?? []) before.add(id);
    mailed.set(subscriptionId, before);
  }
  return mailed;
}

/** So many times as many readers may stand between those who are asked for: to read over one is far cheaper than to look one up. */
const MAX_BETWEEN = 4;

/** A chunk of a pass in id order is looked up as a whole, readers from here and there one by one. */
async function listMailed(
  db: Db | Tx,
  digestIds: string[],
  readerIds: string[],
): Promise<{ subscriptionId: string; variantId: string }[]> {
  const sorted = readerIds.toSorted();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const between = { first, last, most: readerIds.length * MAX_BETWEEN };
  if (digestIds.length === 1 || !(await areFewBetween(db, between)))
    return listMailedVariants(db, digestIds, readerIds);
  const wanted = new Set(readerIds);
  const found = await listMailedVariantsBetween(db, digestIds, between);
  return found.filter(({ subscriptionId }) => wanted.has(subscriptionId));
}
