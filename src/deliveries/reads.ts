import type { Db, Tx } from '../platform/db/database.js';
import { arrayLiteral } from '../platform/db/array-literal.js';
import { raw, sql } from '../platform/db/sql.js';
import {
  subscriptionIdsOf,
  type AttemptKey,
  type BatchKey,
  type DeliveryCounts,
  type DeliveryState,
} from './delivery.js';
import type { SkipReason } from './skip-reason.js';

const countColumns = raw(`
  count(*) as planned,
  count(*) filter (where state = 'queued') as queued,
  count(*) filter (where state = 'sending') as sending,
  count(*) filter (where state = 'accepted') as accepted,
  count(*) filter (where state = 'deferred') as deferred,
  count(*) filter (where state = 'rejected') as rejected,
  count(*) filter (where state = 'uncertain') as uncertain,
  count(*) filter (where state = 'skipped') as skipped
`);

/** A digest's deliveries by state, counted in one statement, so that the sum always holds. */
export function countDeliveries(db: Db | Tx, digestId: string): Promise<DeliveryCounts> {
  return db.one<DeliveryCounts>(sql`
    select ${countColumns}
      from deliveries
     where digest_id = ${digestId}
  `);
}

/** Of several digests at once; one that nobody was planned for is not among them. */
export async function countDeliveriesOfEach(
  db: Db | Tx,
  digestIds: readonly string[],
): Promise<Map<string, DeliveryCounts>> {
  const rows = await db.many<DeliveryCounts & { digestId: string }>(sql`
    select digest_id, ${countColumns}
      from deliveries
     where digest_id = any(${[...digestIds]}::uuid[])
     group by digest_id
  `);
  return new Map(rows.map(({ digestId, ...counts }) => [digestId, counts]));
}

/** How many mails to readers wait for a mail server now: single mails, and deliveries of digests that are being sent. */
export async function countWaitingMail(db: Db | Tx): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select (select count(*)
              from notices
             where due_at is not null
               and kind <> 'alert'
               and state in ('queued', 'deferred', 'sending'))
         + (select count(*)
              from digests g
              join deliveries d on d.digest_id = g.id
             where g.state = 'sending'
               and d.state in ('queued', 'deferred', 'sending')) as count
  `);
  return count;
}

/** One page of a digest's deliveries; `id` is the subscription's, by which they are ordered, newest first. */
export function listDeliveriesPage(
  db: Db | Tx,
  where: { digestId: string; state: DeliveryState | undefined; before: string | undefined; limit: number },
): Promise<DeliveryRow[]> {
  const older = where.before === undefined ? sql`` : sql`and subscription_id < ${where.before}`;
  const inState = where.state === undefined ? sql`` : sql`and state = ${where.state}`;
  return db.many<DeliveryRow>(sql`
    select subscription_id as id, state, attempt, skip_reason, answer, next_attempt_at, updated_at
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
  skipReason: SkipReason | null;
  answer: string | null;
  nextAttemptAt: Date | null;
  updatedAt: Date;
};

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

export async function listAddressHashes(
  tx: Tx,
  batch: BatchKey,
  subscriptionIds: readonly string[],
): Promise<Buffer[]> {
  const rows = await tx.many<{ addressHash: Buffer }>(sql`
    select address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and address_hash is not null
  `);
  return rows.map(({ addressHash }) => addressHash);
}
