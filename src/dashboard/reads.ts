import type { HoldReason } from '../articles/article.js';
import { DELIVERY_COUNTS } from '../deliveries/count-moved.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import { isOnPage, type DeliveryPage, type DeliveryRow } from '../deliveries/reads.js';
import type { Digest } from '../digests/digest.js';
import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Cadence } from '../publications/publication.js';

export type CadenceCount = { cadence: Cadence; count: number };

/** Confirmed readers by rhythm, of at most so many. */
export function countReadersUpTo(db: Db | Tx, publicationId: string, limit: number): Promise<CadenceCount[]> {
  return db.many<CadenceCount>(sql`
    select cadence, count(*) as count
      from (select cadence
              from subscriptions
             where publication_id = ${publicationId}
               and status = 'confirmed'
             limit ${limit}) as counted
     group by cadence
     order by cadence
  `);
}

export type HeldArticle = {
  id: string;
  title: string;
  url: string | null;
  reason: HoldReason;
  publishedAt: Date | null;
};

/** Articles that are held alone; of what is held together an operator is shown the hold. */
export function listHeldArticles(db: Db | Tx, publicationId: string, limit: number): Promise<HeldArticle[]> {
  return db.many<HeldArticle>(sql`
    select articles.id, title, url, published_at,
           jsonb_build_object('code', h.code, 'newItems', h.new_items, 'totalItems', h.total_items) as reason
      from articles
      join article_holds h on h.id = articles.hold_id
     where articles.publication_id = ${publicationId}
       and state = 'held'
       and not exists (
         select
           from articles other
          where other.hold_id = articles.hold_id
            and other.state = 'held'
            and other.id <> articles.id
       )
     order by coalesce(published_at, first_seen_at) desc, articles.id
     limit ${limit}
  `);
}

/** Articles in their hold window, the next to go first. */
export function listWaitingArticles(
  db: Db | Tx,
  publicationId: string,
  limit: number,
): Promise<{ id: string; title: string; releaseAt: Date }[]> {
  return db.many(sql`
    select id, title, release_at
      from articles
     where publication_id = ${publicationId}
       and state = 'waiting'
     order by release_at, id
     limit ${limit}
  `);
}

/** A delivery with whom it is for. */
export type DeliveryWithReader = DeliveryRow & {
  addressHash: Buffer | null;
  /** Her address now; null: she was erased. */
  email: string | null;
  emailKey: string | null;
};

/** A page of the deliveries in one state, the newest subscriptions first. */
export function listDeliveriesWithReaders(
  db: Db | Tx,
  where: DeliveryPage & { state: DeliveryState },
): Promise<DeliveryWithReader[]> {
  return db.many<DeliveryWithReader>(sql`
    select d.*, case when s.erased_at is null then p.email end as email, p.email_key
      from (select subscription_id as id, state, attempt, skip_reason, answer, next_attempt_at, updated_at, address_hash
              from deliveries
             where digest_id = ${where.digestId}
               and state = ${where.state}
               ${isOnPage(where)}
             order by subscription_id desc
             limit ${where.limit}) as d
      left join subscriptions s on s.id = d.id
      left join subscribers p on p.id = s.subscriber_id
     order by d.id desc
  `);
}

/** How far a digest is: its row and its kept numbers in one statement. */
export function findProgressRow(
  db: Db | Tx,
  digestId: string,
): Promise<
  | (Pick<Digest, 'publicationId' | 'cadence' | 'period' | 'state' | 'sendAt'> & {
      kept: { key: string[]; count: number }[];
    })
  | undefined
> {
  return db.maybe(sql`
    select g.publication_id, g.cadence, g.period, g.state, g.send_at,
           coalesce(
             (select jsonb_agg(jsonb_build_object('key', key, 'count', count))
                from (select key, sum(count)::bigint as count
                        from counts
                       where name = ${DELIVERY_COUNTS}
                         and owner_id = g.id
                       group by key) as kept),
             '[]'
           ) as kept
      from digests g
     where g.id = ${digestId}
  `);
}
