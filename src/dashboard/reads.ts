import type { Article, HoldReason } from '../articles/article.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import type { DeliveryRow } from '../deliveries/reads.js';
import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Cadence } from '../publications/publication.js';

export type ReaderCounts = { pending: number; confirmed: number; paused: number; unsubscribed: number };

/** How many readers a publication has in each state. */
export function countReaders(db: Db | Tx, publicationId: string): Promise<ReaderCounts> {
  return db.one<ReaderCounts>(sql`
    select count(*) filter (where status = 'pending') as pending,
           count(*) filter (where status = 'confirmed') as confirmed,
           count(*) filter (where status = 'paused') as paused,
           count(*) filter (where status = 'unsubscribed') as unsubscribed
      from subscriptions
     where publication_id = ${publicationId}
  `);
}

/** Confirmed readers of a publication by their rhythm. */
export function countReadersByCadence(db: Db | Tx, publicationId: string): Promise<Record<Cadence, number>> {
  return db.one(sql`
    select count(*) filter (where cadence = 'instant') as instant,
           count(*) filter (where cadence = 'daily') as daily,
           count(*) filter (where cadence = 'weekly') as weekly,
           count(*) filter (where cadence = 'monthly') as monthly
      from subscriptions
     where publication_id = ${publicationId}
       and status = 'confirmed'
  `);
}

/** How many addresses a publication must not mail, up to a number. */
export async function countSuppressions(db: Db | Tx, publicationId: string, upTo: number): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)::integer as count
      from (select
              from suppressions
             where (publication_id = ${publicationId} or publication_id is null)
               and reason <> 'erased'
             limit ${upTo}) as counted
  `);
  return count;
}

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

export type LeaveReasonCounts = { tooMany: number; notRelevant: number; neverAsked: number; other: number };

/** Why readers left since a moment, of those who said so. */
export function countLeaveReasons(
  db: Db | Tx,
  publicationId: string,
  since: Date,
): Promise<LeaveReasonCounts> {
  return db.one<LeaveReasonCounts>(sql`
    select count(*) filter (where reason = 'too-many') as too_many,
           count(*) filter (where reason = 'not-relevant') as not_relevant,
           count(*) filter (where reason = 'never-asked') as never_asked,
           count(*) filter (where reason = 'other') as other
      from leave_reasons
     where publication_id = ${publicationId}
       and created_at > ${since}
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

/** How many readers some articles would be mailed to: within minutes, and with their next digest. */
export type ExpectedReaders = { atOnce: number; later: number };

/** Confirmed readers whose topics meet those of at least one of the articles. */
export function countExpectedReaders(
  db: Db | Tx,
  publicationId: string,
  articles: readonly Pick<Article, 'categories'>[],
): Promise<ExpectedReaders> {
  const topics = articles.flatMap(({ categories }) => categories.map((topic) => topic.trim().toLowerCase()));
  return db.one<ExpectedReaders>(sql`
    select count(*) filter (where cadence = 'instant') as at_once,
           count(*) filter (where cadence <> 'instant') as later
      from subscriptions
     where publication_id = ${publicationId}
       and status = 'confirmed'
       and ${articles.length > 0}
       and (cardinality(topics) = 0
            or exists (select from unnest(topics) as topic where lower(trim(topic)) = any(${topics}::text[])))
  `);
}

/** A delivery with whom it is for. */
export type DeliveryWithReader = DeliveryRow & {
  addressHash: Buffer | null;
  /** Her address now; null: she was erased. */
  email: string | null;
  emailKey: string | null;
};

const readerOfDelivery = raw(`
  case when s.erased_at is null then p.email end as email, p.email_key
`);
const deliveryColumns = raw(`
  subscription_id as id, state, attempt, skip_reason, answer, next_attempt_at, updated_at, address_hash
`);

/** A page of the deliveries in one state, the newest subscriptions first. */
export function listDeliveriesWithReaders(
  db: Db | Tx,
  where: { digestId: string; state: DeliveryState; before: string | undefined; limit: number },
): Promise<DeliveryWithReader[]> {
  const older = where.before === undefined ? sql`` : sql`and subscription_id < ${where.before}`;
  return db.many<DeliveryWithReader>(sql`
    select d.*, ${readerOfDelivery}
      from (select ${deliveryColumns}
              from deliveries
             where digest_id = ${where.digestId}
               and state = ${where.state}
               ${older}
             order by subscription_id desc
             limit ${where.limit}) as d
      left join subscriptions s on s.id = d.id
      left join subscribers p on p.id = s.subscriber_id
     order by d.id desc
  `);
}

/** The first deliveries in each of these states, in one pass over the digest: for states that few are in. */
export function listRareDeliveries(
  db: Db | Tx,
  where: { digestId: string; states: readonly DeliveryState[]; limitPerState: number },
): Promise<DeliveryWithReader[]> {
  return db.many<DeliveryWithReader>(sql`
    select d.*, ${readerOfDelivery}
      from (select ${deliveryColumns},
                   row_number() over (partition by state order by subscription_id desc) as place
              from deliveries
             where digest_id = ${where.digestId}
               and state = any(${[...where.states]}::text[])) as d
      left join subscriptions s on s.id = d.id
      left join subscribers p on p.id = s.subscriber_id
     where d.place <= ${where.limitPerState}
     order by d.id desc
  `);
}
