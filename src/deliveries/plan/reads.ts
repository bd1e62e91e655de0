import type { Digest } from '../../digests/digest.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { VariantArticles } from '../reads.js';
import type { NewDeliveries } from './writes.js';

/**
 * The variants, reaching above an article number, of digests after which their readers' watermarks stayed: those of operators,
 * and those of which an editor left out what stays due. Few, whatever the number of readers.
 */
export function listVariantsAboveWatermarks(
  db: Db | Tx,
  publicationId: string,
  seq: number,
): Promise<VariantArticles[]> {
  return db.many(sql`
    select v.id as variant_id, v.digest_id, v.article_ids
      from (select id
              from digests
             where publication_id = ${publicationId}
               and cadence = 'operator'
             union all
            select id
              from digests
             where publication_id = ${publicationId}
               and cadence <> 'operator'
               and article_choices @> '[{"as": "later"}]') as g
      join variants v on v.digest_id = g.id
     where v.max_seq > ${seq}
  `);
}

/** Which of these articles were left out of digests for good, and whom those are for. */
export async function listLeftOut(
  db: Db | Tx,
  articleIds: readonly string[],
): Promise<({ articleId: string } & Pick<Digest, 'cadence' | 'audience'>)[]> {
  if (articleIds.length === 0) return [];
  return db.many(sql`
    select l.article_id, g.cadence, g.audience
      from left_out_articles l
      join digests g on g.id = l.digest_id
     where l.article_id = any(${arrayLiteral(articleIds)}::uuid[])
       and g.state <> 'cancelled'
  `);
}

/** Of operators' digests the variants of those that went to every confirmed reader. */
export function listVariantsForAll(
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
       and g.audience = '{}'
       and g.state in ('sending', 'paused', 'closed')
       and v.max_seq > ${seq}
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

/**
 * The same for readers who follow one another, digest by digest: the deliveries of all who are between them are read, so that of
 * a newsletter of years thousands of digests are looked at in a tenth of a second.
 */
export function listMailedVariantsBetween(
  db: Db | Tx,
  digestIds: string[],
  { first, last }: { first: string; last: string },
): Promise<{ subscriptionId: string; variantId: string }[]> {
  return db.many(sql`
    select held.subscription_id, held.variant_id
      from unnest(${digestIds}::uuid[]) as digest (id)
     cross join lateral (
       select subscription_id, variant_id, state
         from deliveries
        where digest_id = digest.id
          and subscription_id between ${first} and ${last}
       offset 0 -- kept apart, or Postgres may choose to read whole digests
     ) as held
     where held.state <> 'skipped'
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

/** Of these readers, those whose delivery in a digest is not in this batch: they had one before. */
export function listOutsideBatch(
  tx: Tx,
  { digestId, batch, readers }: NewDeliveries,
): Promise<{ subscriptionId: string }[]> {
  return tx.many(sql`
    select subscription_id
      from deliveries
     where digest_id = ${digestId}
       and subscription_id = any(${readers.map(({ id }) => id)}::uuid[])
       and batch <> ${batch}
  `);
}
