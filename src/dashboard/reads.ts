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
