import type { Db, Tx } from '../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../platform/db/array-literal.js';
import { BATCH_COUNTS, DELIVERY_COUNTS, rareStates } from './count-moved.js';
import { readCounts } from '../platform/counts/counts.js';
import type { CountSource } from '../platform/counts/differences.js';
import { sql, type Sql } from '../platform/db/sql.js';
import {
  NO_DELIVERIES,
  subscriptionIdsOf,
  type AttemptKey,
  type BatchKey,
  type DeliveryCounts,
  type DeliveryState,
} from './delivery.js';
import type { FailedDigest } from '../subscribers/suppression/soft-bounces.js';
import type { LogDoubt } from './log-doubt.js';
import type { SkipReason } from './skip-reason.js';

/** Digests' deliveries by state, read in one statement, so that the sums always hold. */
export async function countDeliveriesOfEach(
  db: Db | Tx,
  digestIds: readonly string[],
): Promise<Map<string, DeliveryCounts>> {
  const counts = new Map(digestIds.map((id) => [id, { ...NO_DELIVERIES }]));
  for (const { ownerId, key, count } of await readCounts(db, DELIVERY_COUNTS, digestIds)) {
    const ofDigest = counts.get(ownerId);
    if (ofDigest !== undefined) addToLedger(ofDigest, key, count);
  }
  return counts;
}

export async function countDeliveries(db: Db | Tx, digestId: string): Promise<DeliveryCounts> {
  return (await readLedger(db, digestId)).counts;
}

/** A digest's deliveries by state, and of those that were given up how many for which reason. */
export type Ledger = { counts: DeliveryCounts; skipped: Map<SkipReason, number> };

export async function readLedger(db: Db | Tx, digestId: string): Promise<Ledger> {
  return toLedger(await readCounts(db, DELIVERY_COUNTS, [digestId]));
}

/** @param kept a digest's numbers, as they are kept under `DELIVERY_COUNTS` */
export function toLedger(kept: readonly { key: string[]; count: number }[]): Ledger {
  const ledger: Ledger = { counts: { ...NO_DELIVERIES }, skipped: new Map() };
  for (const { key, count } of kept) {
    addToLedger(ledger.counts, key, count);
    if (key[0] === 'skipped') ledger.skipped.set(key[1] as SkipReason, count);
  }
  return ledger;
}

function addToLedger(counts: DeliveryCounts, [state]: readonly string[], count: number): void {
  counts[state as DeliveryState] += count;
  counts.planned += count;
}

/** The deliveries of a digest, or of all, counted anew: by state, and by batch where they are few. */
export function deliverySources(digestId?: string): CountSource[] {
  const ofDigest = digestId === undefined ? sql`true` : sql`digest_id = ${digestId}`;
  const owner = digestId === undefined ? {} : { ownerId: digestId };
  return [
    {
      ...owner,
      name: DELIVERY_COUNTS,
      rows: sql`
        select digest_id as owner_id, case state when 'skipped' then array[state, skip_reason] else array[state] end as key,
               null::timestamptz as at, count(*) as count
          from deliveries
         where ${ofDigest}
         group by 1, 2`,
    },
    {
      ...owner,
      name: BATCH_COUNTS,
      rows: sql`
        select digest_id as owner_id, array[state, batch::text] as key, null::timestamptz as at, count(*) as count
          from deliveries
         where ${ofDigest}
           and state = any(${[...rareStates]}::text[])
         group by 1, 2`,
    },
  ];
}

/** What a result has made of its delivery. */
export type WrittenResult = { state: DeliveryState; skipReason: SkipReason | null };

/** Of these results those that a statement of this transaction has just written. */
export function listWritten(tx: Tx, batch: BatchKey, rows: readonly AttemptKey[]): Promise<WrittenResult[]> {
  return tx.many<WrittenResult>(sql`
    select state, skip_reason
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and subscription_id = any(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[])
       and xmin = pg_current_xact_id()::xid
  `);
}

/** How many mails to readers wait for a mail server now: single mails, and deliveries of digests that are being sent. */
export async function countWaitingMail(db: Db | Tx): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select (select count(*)
              from notices
             where due_at is not null
               and kind <> 'alert'
               and state in ('queued', 'deferred', 'sending'))
         + (select coalesce(sum(c.count), 0)::bigint
              from digests g
              join counts c on c.owner_id = g.id
             where g.state = 'sending'
               and c.name = 'deliveries'
               and c.key[1] in ('queued', 'deferred', 'sending')) as count
  `);
  return count;
}

/**
 * One page of a digest's deliveries; `id` is the subscription's, by which they are ordered, newest first.
 * @param where.batches where those in the state are, if few batches have any (`listBatchesToSearch`)
 */
export function listDeliveriesPage(
  db: Db | Tx,
  where: DeliveryPage & { state: DeliveryState | undefined },
): Promise<DeliveryRow[]> {
  return db.many<DeliveryRow>(sql`
    select subscription_id as id, state, attempt, skip_reason, answer, next_attempt_at, updated_at, ${currentDoubt}
      from deliveries
     where digest_id = ${where.digestId}
       ${where.state === undefined ? sql`` : sql`and state = ${where.state}`}
       ${isOnPage(where)}
     order by subscription_id desc
     limit ${where.limit}
  `);
}

export type DeliveryPage = {
  digestId: string;
  batches: readonly number[] | undefined;
  before: string | undefined;
  limit: number;
};

export const isOnPage = ({ batches, before }: Pick<DeliveryPage, 'batches' | 'before'>): Sql => sql`
  ${batches === undefined ? sql`` : sql`and batch = any(${arrayLiteral([...batches])}::integer[])`}
  ${before === undefined ? sql`` : sql`and subscription_id < ${before}`}`;

/** The batches of a digest that have deliveries in a state, or may have where that is not counted by batch. */
export async function listBatchesWith(
  db: Db | Tx,
  digestId: string,
  state: DeliveryState,
): Promise<number[]> {
  const counted = (await readCounts(db, BATCH_COUNTS, [digestId])).filter(
    ({ key }) => key[0] === state || state === 'accepted',
  );
  const numbers = new Set(counted.map(({ key }) => Number(key[1])));
  if (rareStates.includes(state)) return [...numbers];
  const open = await db.many<{ number: number; isDue: boolean; isLeased: boolean }>(sql`
    select number, due_at is not null as is_due, leased_until is not null as is_leased
      from batches
     where digest_id = ${digestId}
  `);
  for (const { number, isDue, isLeased } of open)
    if (isLeased || (state === 'queued' && isDue) || (state === 'accepted' && !isDue)) numbers.add(number);
  return [...numbers];
}

export type DeliveryRow = {
  id: string;
  state: DeliveryState;
  attempt: number;
  skipReason: SkipReason | null;
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
  /** Why the mail server's log does not decide; null while it is not uncertain, or nobody has looked. */
  logDoubt: LogDoubt | null;
};

/** A column for `DeliveryRow`. */
export const currentDoubt = sql`case when state = 'uncertain' then log_doubt end as log_doubt`;

/** The articles that some readers of a digest get. */
export type VariantArticles = { variantId: string; digestId: string; articleIds: string[] };

export function listVariantsByIds(db: Db | Tx, variantIds: string[]): Promise<VariantArticles[]> {
  return db.many(sql`
    select id as variant_id, digest_id, article_ids
      from variants
     where id = any(${variantIds}::uuid[])
  `);
}

/** The variants, in digests of any kind, with one of these articles in them. */
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

/** Those of these attempts that are the last of their delivery and were rejected: whom they were for, and through which server. */
export function listBouncedAddresses(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
): Promise<{ subscriptionId: string; addressHash: Buffer; transportId: number }[]> {
  return tx.many(sql`
    select d.subscription_id, d.address_hash, d.transport_id
      from deliveries d
      join unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[])
           as ended (subscription_id, attempt) using (subscription_id, attempt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.state = 'rejected'
       and d.address_hash is not null
  `);
}

/** A digest that did not reach a reader. `addressHash`: of the address that it was sent to. */
export type FailedDelivery = FailedDigest & {
  subscriptionId: string;
  addressHash: Buffer;
  transportId: number | null;
};

/** The digests of these readers that were given up, as they are counted, the oldest first. */
export function listFailedDeliveries(tx: Tx, subscriptionIds: readonly string[]): Promise<FailedDelivery[]> {
  return tx.many(sql`
    select b.subscription_id, d.address_hash, d.transport_id, b.deferred_at as sent_at, b.given_up_at, b.is_hard
      from soft_bounces b
      join deliveries d on d.digest_id = b.digest_id and d.subscription_id = b.subscription_id
     where b.subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and b.given_up_at is not null
       and d.address_hash is not null
     order by b.subscription_id, b.deferred_at
  `);
}

/**
 * When digests reached these readers, each since a moment, as far as is known: they were accepted, and nothing came back. Found
 * digest by digest, by key.
 * @param asked `madeSince`: digests that were made before are not looked at
 */
export function listArrivals(
  tx: Tx,
  asked: readonly { subscriptionId: string; madeSince: Date }[],
): Promise<{ subscriptionId: string; at: Date }[]> {
  return tx.many(sql`
    select s.id as subscription_id, d.updated_at as at
      from unnest(${arrayLiteral(asked.map(({ subscriptionId }) => subscriptionId))}::uuid[],
                  ${dateArrayLiteral(asked.map(({ madeSince }) => madeSince))}::timestamptz[]) as asked (id, made_since)
      join subscriptions s using (id)
      join digests g on g.publication_id = s.publication_id and g.created_at >= asked.made_since
      join deliveries d on d.digest_id = g.id and d.subscription_id = s.id
     where d.state = 'accepted'
       and not exists (
         select from soft_bounces b where b.subscription_id = d.subscription_id and b.digest_id = d.digest_id
       )
  `);
}

/** Of a digest's uncertain deliveries, how many the log of a mail server does not decide for which reason, the most first. */
export async function countLogDoubts(
  db: Db | Tx,
  digestId: string,
): Promise<{ doubt: LogDoubt; count: number }[]> {
  const batches = await listBatchesWith(db, digestId, 'uncertain');
  if (batches.length === 0) return [];
  return db.many(sql`
    select log_doubt as doubt, count(*) as count
      from deliveries
     where digest_id = ${digestId}
       and batch = any(${batches}::integer[])
       and state = 'uncertain'
       and log_doubt is not null
     group by log_doubt
     order by count(*) desc, log_doubt
  `);
}
