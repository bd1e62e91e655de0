import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import { MOST_RESENDS, type Attempt, type BatchKey, type Counts, type DeliveryState } from './delivery.js';

export type NoticeKind = Notice['kind'];

/** Every mail that is not a digest. */
export type Notice = ReaderNotice | OperatorNotice;

export type ReaderNotice = SubscriptionNotice | OwnNotice;

/** On the way to a subscription. */
export type SubscriptionNotice = NoticeRow & {
  kind: 'confirmation' | 'already-subscribed' | 'welcome';
  subscriptionId: string;
};

/** About what a reader asked about herself. */
export type OwnNotice = NoticeRow & { kind: OwnKind; subscriptionId: string };

/** What a reader asked about herself: her link, another address, mail again after it had stopped. */
export type OwnKind =
  'manage-link' | 'address-confirm' | 'address-asked' | 'address-moved' | 'address-returned' | 'repair';

/** Its cause is the alert. */
export type OperatorNotice = NoticeRow & { kind: 'alert'; operatorId: string };

type NoticeRow = {
  id: string;
  causeId: string;
  publicationId: string;
  state: DeliveryState;
  attempt: number;
  dueAt: Date | null;
  answer: string | null;
  expiresAt: Date;
  createdAt: Date;
};

export const noticeColumns = raw(`
  id, kind, cause_id, publication_id, subscription_id, operator_id, state, attempt, due_at, answer, expires_at, created_at
`);

const counts = raw(`
  count(*) as planned,
  count(*) filter (where state = 'queued') as queued,
  count(*) filter (where state = 'sending') as sending,
  count(*) filter (where state = 'accepted') as accepted,
  count(*) filter (where state = 'deferred') as deferred,
  count(*) filter (where state = 'rejected') as rejected,
  count(*) filter (where state = 'uncertain') as uncertain,
  count(*) filter (where state = 'skipped') as skipped
`);

/** The ledger of a digest, counted in one statement, so that it always balances. */
export function countDeliveries(db: Db | Tx, digestId: string): Promise<Counts> {
  return db.one<Counts>(sql`
    select ${counts}
      from deliveries
     where digest_id = ${digestId}
  `);
}

/** One list of articles that some readers of a digest get. */
export type ListInDigest = { variantId: string; digestId: string; articleIds: string[] };

/** The lists of operators' digests that reach above an article number: few, whatever the number of readers. */
export function listOperatorLists(db: Db | Tx, publicationId: string, seq: number): Promise<ListInDigest[]> {
  return db.many(sql`
    select v.id as variant_id, v.digest_id, v.article_ids
      from digests g
      join variants v on v.digest_id = g.id
     where g.publication_id = ${publicationId}
       and g.cadence = 'operator'
       and v.max_seq > ${seq}
  `);
}

/** The lists, in digests of any kind, with one of these articles in them. */
export function listListsWith(
  db: Db | Tx,
  publicationId: string,
  articleIds: string[],
): Promise<ListInDigest[]> {
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
export function listHolders(
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
export async function hasDigestOf(
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

/** A delivery that may be sent now. */
export type DueDelivery = Attempt & {
  variantId: string;
  state: DeliveryState;
  deferrals: number;
  /** Of the envelope of the last attempt; null before the first. */
  addressHash: Buffer | null;
};

/** Of a batch: queued, or deferred and its time has come; what was tried least goes first. */
export function listDue(db: Db | Tx, batch: BatchKey, limit: number, now: Date): Promise<DueDelivery[]> {
  return db.many<DueDelivery>(sql`
    select subscription_id, attempt, variant_id, state, deferrals, address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state in ('queued', 'deferred')
       and (next_attempt_at is null or next_attempt_at <= ${now})
     order by attempt, subscription_id
     limit ${limit}
  `);
}

/** Of a batch: uncertain since before a moment, through one of these servers, and not sent again too often. */
export function listDoubtful(
  db: Db | Tx,
  batch: BatchKey,
  where: { transportIds: number[]; before: Date; limit: number },
): Promise<DueDelivery[]> {
  return db.many<DueDelivery>(sql`
    select subscription_id, attempt, variant_id, state, deferrals, address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'uncertain'
       and transport_id = any(${where.transportIds}::smallint[])
       and updated_at <= ${where.before}
       and resends < ${MOST_RESENDS}
     order by attempt, subscription_id
     limit ${where.limit}
  `);
}

/** When the deliveries left in a batch have something to do; null where there are none. */
export type Rest = { nextAttemptAt: Date | null; doubtfulSince: Date | null };

/** What is left to do in a batch. A delivery that may be sent at once counts as of `now`. */
export function readRest(db: Db | Tx, batch: BatchKey, transportIds: number[], now: Date): Promise<Rest> {
  return db.one<Rest>(sql`
    select min(coalesce(next_attempt_at, ${now})) filter (where state in ('queued', 'deferred')) as next_attempt_at,
           min(updated_at) filter (where state = 'uncertain'
                                     and transport_id = any(${transportIds}::smallint[])
                                     and resends < ${MOST_RESENDS}) as doubtful_since
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
  `);
}

/** Batches that have something to do and that nobody is doing. */
export function listIdleBatches(
  db: Db | Tx,
  now: Date,
  limit: number,
): Promise<{ digestId: string; batch: number }[]> {
  return db.many(sql`
    select b.digest_id, b.number as batch
      from batches b
      join digests g on g.id = b.digest_id
     where b.due_at <= ${now}
       and b.leased_until is null
       and g.state = 'sending'
     order by b.due_at
     limit ${limit}
  `);
}

/** Batches whose worker stopped renewing its lease. */
export function listDeadBatches(db: Db | Tx, before: Date): Promise<(BatchKey & { leaseToken: string })[]> {
  return db.many(sql`
    select digest_id, number, lease_token
      from batches
     where leased_until < ${before}
     limit 1000
  `);
}

/** Until when a batch is leased under this token; undefined when it is not, any more. */
export function findLease(
  db: Db | Tx,
  batch: BatchKey,
  token: string,
): Promise<{ leasedUntil: Date } | undefined> {
  return db.maybe(sql`
    select leased_until
      from batches
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and lease_token = ${token}
  `);
}

export function listIdleNotices(db: Db | Tx, now: Date, limit: number): Promise<{ noticeId: string }[]> {
  return db.many(sql`
    select id as notice_id
      from notices
     where due_at <= ${now}
       and (leased_until is null or leased_until < ${now})
     order by due_at
     limit ${limit}
  `);
}

/** Digests that nobody can join and whose every delivery is final, with the number of the last batch looked at. */
export function listFinishedDigests(db: Db | Tx, now: Date): Promise<{ id: string; lastBatch: number }[]> {
  return db.many(sql`
    select g.id, g.last_batch
      from digests g
     where g.state = 'sending'
       and g.closes_at <= ${now}
       and not exists (select from batches b where b.digest_id = g.id and b.due_at is not null)
     limit 1000
  `);
}

/** One page of a digest's deliveries; `id` is the subscription's, by which they are ordered, newest first. */
export function listDeliveriesPage(
  db: Db | Tx,
  where: { digestId: string; state: DeliveryState | undefined; before: string | undefined; limit: number },
): Promise<DeliveryRow[]> {
  const older = where.before === undefined ? sql`` : sql`and subscription_id < ${where.before}`;
  const inState = where.state === undefined ? sql`` : sql`and state = ${where.state}`;
  return db.many<DeliveryRow>(sql`
    select subscription_id as id, state, attempt, answer, next_attempt_at, updated_at
      from deliveries
     where digest_id = ${where.digestId}
       ${inState}
       ${older}
     order by subscription_id desc
     limit ${where.limit}
  `);
}

export type DeliveryRow = {
  id: string;
  state: DeliveryState;
  attempt: number;
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
};

/** How many notices of a kind a reader was promised since a moment. */
export async function countNoticesSince(
  db: Db | Tx,
  subscriptionId: string,
  kind: NoticeKind,
  since: Date,
): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from notices
     where subscription_id = ${subscriptionId}
       and kind = ${kind}
       and created_at > ${since}
  `);
  return count;
}
