import type { Db, Tx } from '../../platform/db/database.js';
import type { Reader } from '../../subscribers/subscription.js';
import type { VariantArticles } from '../reads.js';
import { listMailedVariants } from './reads.js';

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
  for (const { subscriptionId, variantId } of await listMailedVariants(db, digestIds, readerIds)) {
    const before = mailed.get(subscriptionId) ?? [];
    mailed.set(subscriptionId, new Set([...before, ...(articles.get(variantId) ?? [])]));
  }
  return mailed;
}
