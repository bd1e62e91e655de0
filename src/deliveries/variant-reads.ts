import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** One list of articles that some readers of a digest get. */
export type VariantArticles = { variantId: string; digestId: string; articleIds: string[] };

/** The lists of operators' digests that reach above an article number: few, whatever the number of readers. */
export function listOperatorVariants(
  db: Db | Tx,
  publicationId: string,
  seq: number,
): Promise<VariantArticles[]> {
  return db.many(sql`
    select v.id as variant_id, v.digest_id, v.article_ids
      from digests g
      join variants v on v.digest_id = g.id
     where g.publication_id = ${publicationId}
       and g.cadence = 'operator'
       and v.max_seq > ${seq}
  `);
}

/** These lists. */
export function listVariantsByIds(db: Db | Tx, variantIds: string[]): Promise<VariantArticles[]> {
  return db.many(sql`
    select id as variant_id, digest_id, article_ids
      from variants
     where id = any(${variantIds}::uuid[])
  `);
}

/** The lists, in digests of any kind, with one of these articles in them. */
export function listVariantsWithArticles(
  db: Db | Tx,
  publicationId: string,
  articleIds: string[],
): Promise<VariantArticles[]> {
  return db.many(sql`
    select v.id as variant_id, v.digest_id, v.article_ids
      from digests g
      join variants v on v.digest_id = g.id
     where g.publication_id = ${publicationId}
       and v.article_ids && ${articleIds}::uuid[]
  `);
}

/**
 * Which of these readers has a delivery, not skipped, in which of these digests: at most one each. Reader by reader, or
 * Postgres, which has not counted a digest that is being planned, reads all of it for every chunk.
 */
export function listMailedVariants(
  db: Db | Tx,
  digestIds: string[],
  subscriptionIds: string[],
): Promise<{ subscriptionId: string; variantId: string }[]> {
  return db.many(sql`
    select held.subscription_id, held.variant_id
      from unnest(${subscriptionIds}::uuid[]) as reader (id)
     cross join lateral (
       select subscription_id, variant_id
         from deliveries
        where subscription_id = reader.id
          and digest_id = any(${digestIds}::uuid[])
          and state <> 'skipped'
        limit ${digestIds.length}
     ) as held
  `);
}

/** Whether a reader has a delivery in the digest of a period, whatever became of it. */
export async function hasDeliveryInPeriod(
  db: Db | Tx,
  digest: { publicationId: string; cadence: string; period: string },
  subscriptionId: string,
): Promise<boolean> {
  const row = await db.maybe(sql`
    select g.id
      from digests g
      join deliveries d on d.digest_id = g.id
     where g.publication_id = ${digest.publicationId}
       and g.cadence = ${digest.cadence}
       and g.period = ${digest.period}
       and d.subscription_id = ${subscriptionId}
  `);
  return row !== undefined;
}
