import type { EventClass } from '../events/event.js';
import type { Article, HoldReason } from '../articles/article.js';
import { DELIVERY_COUNTS } from '../deliveries/count-moved.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import { currentDoubt, isOnPage, type DeliveryPage, type DeliveryRow } from '../deliveries/reads.js';
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
      from (select subscription_id as id, state, attempt, skip_reason, answer, next_attempt_at, updated_at, address_hash,
                   ${currentDoubt}
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

/** An article as a line of a list. */
export type ArticleLine = Pick<
  Article,
  | 'id'
  | 'title'
  | 'url'
  | 'state'
  | 'holdId'
  | 'retraction'
  | 'publishedAt'
  | 'firstSeenAt'
  | 'releaseAt'
  | 'seq'
> & { reason: HoldReason | null; releasedAt: Date | null };

/** One page of them, newest first; ids sort by time. Without the texts, which take much room. */
export function listArticleLines(
  db: Db | Tx,
  where: {
    publicationId: string;
    state: Article['state'] | undefined;
    before: string | undefined;
    limit: number;
  },
): Promise<ArticleLine[]> {
  const older = where.before === undefined ? sql`` : sql`and a.id < ${where.before}`;
  const inState = where.state === undefined ? sql`` : sql`and a.state = ${where.state}`;
  return db.many<ArticleLine>(sql`
    select a.id, a.title, a.url, a.state, a.hold_id, a.retraction, a.published_at, a.first_seen_at, a.release_at, a.seq, a.released_at,
           (select jsonb_build_object('code', h.code, 'newItems', h.new_items, 'totalItems', h.total_items)
              from article_holds h
             where h.id = a.hold_id
               and a.state = 'held') as reason
      from articles a
     where a.publication_id = ${where.publicationId}
       ${inState}
       ${older}
     order by a.id desc
     limit ${where.limit}
  `);
}

/** The newest digests that have an article. */
export function listDigestsWithArticle(
  db: Db | Tx,
  { publicationId, articleId, limit }: { publicationId: string; articleId: string; limit: number },
): Promise<(Pick<Digest, 'id' | 'cadence' | 'period' | 'state'> & { subject: string | null })[]> {
  return db.many(sql`
    with found as materialized (
      select digest_id, max(subject) as subject
        from variants
       where article_ids @> array[${articleId}]::uuid[]
       group by digest_id
    )
    select g.id, g.cadence, g.period, g.state, coalesce(g.subject, found.subject) as subject
      from found
      join digests g on g.id = found.digest_id
     where g.publication_id = ${publicationId}
     order by g.id desc
     limit ${limit}
  `);
}

/** An event of a digest of one reader. `email` null: she was erased. */
export type EventWithReader = {
  subscription: string;
  email: string | null;
  class: EventClass;
  reason: string | null;
  at: Date;
};

/** Readers with events of these classes, the newest subscriptions first; of several events the last. */
export function listEventsWithReaders(
  db: Db | Tx,
  where: { digestId: string; classes: readonly EventClass[]; limit: number },
): Promise<EventWithReader[]> {
  return db.many(sql`
    select e.subscription_id as subscription, case when s.erased_at is null then p.email end as email, e.class, e.reason, e.at
      from (select distinct on (subscription_id) subscription_id, class, reason, occurred_at as at
              from events
             where digest_id = ${where.digestId}
               and match = 'delivery'
               and class = any(${[...where.classes]}::text[])
             order by subscription_id desc, occurred_at desc, id desc
             limit ${where.limit}) as e
      left join subscriptions s on s.id = e.subscription_id
      left join subscribers p on p.id = s.subscriber_id
     order by e.subscription_id desc
  `);
}
