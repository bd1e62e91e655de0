import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { MAX_RESENDS, type AttemptKey, type BatchKey, type DeliveryState } from '../delivery.js';

/** A delivery that may be sent now. */
export type DueDelivery = AttemptKey & {
  variantId: string;
  state: DeliveryState;
  deferrals: number;
  /** Of the envelope of the last attempt; null before the first. */
  addressHash: Buffer | null;
};

/**
 * Of a batch: queued, or deferred and its time has come; what was tried least goes first.
 * @param where.except subscriptions that are left out, so that they take no place of the limit
 */
export function listDue(
  db: Db | Tx,
  batch: BatchKey,
  { limit, except }: { limit: number; except: readonly string[] },
  now: Date,
): Promise<DueDelivery[]> {
  return db.many<DueDelivery>(sql`
    select subscription_id, attempt, variant_id, state, deferrals, address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state in ('queued', 'deferred')
       and (next_attempt_at is null or next_attempt_at <= ${now})
       and subscription_id <> all(${arrayLiteral([...except])}::uuid[])
     order by attempt, subscription_id
     limit ${limit}
  `);
}

/**
 * Those of these readers whose mail server has deferred an earlier digest that still waits for its next attempt. Only the
 * earlier one: of two, the first is tried.
 */
export function listWaitingForEarlier(
  db: Db | Tx,
  digestId: string,
  subscriptionIds: readonly string[],
): Promise<{ subscriptionId: string }[]> {
  return db.many(sql`
    select distinct b.subscription_id
      from soft_bounces b
      join deliveries d on d.digest_id = b.digest_id and d.subscription_id = b.subscription_id
     where b.subscription_id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
       and b.digest_id < ${digestId}
       and d.state = 'deferred'
  `);
}

/** How many deliveries of a batch may be sent now, or are uncertain; counted up to `atMost`. */
export async function countDue(db: Db | Tx, batch: BatchKey, atMost: number, now: Date): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)::integer as count
      from (select
              from deliveries
             where digest_id = ${batch.digestId}
               and batch = ${batch.number}
               and state in ('queued', 'deferred', 'uncertain')
               and (next_attempt_at is null or next_attempt_at <= ${now})
             limit ${atMost}) as due
  `);
  return count;
}

/** Of a batch: uncertain since before a moment, through one of these servers, and not sent again too often. */
export function listUncertainDue(
  db: Db | Tx,
  batch: BatchKey,
  where: { transportIds: number[]; before: Date; limit: number; except: readonly string[] },
): Promise<DueDelivery[]> {
  return db.many<DueDelivery>(sql`
    select subscription_id, attempt, variant_id, state, deferrals, address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'uncertain'
       and transport_id = any(${where.transportIds}::smallint[])
       and updated_at <= ${where.before}
       and resends < ${MAX_RESENDS}
       and subscription_id <> all(${arrayLiteral([...where.except])}::uuid[])
     order by attempt, subscription_id
     limit ${where.limit}
  `);
}

/** When the deliveries left in a batch have something to do; null where there are none. */
export type RemainingWork = { nextAttemptAt: Date | null; uncertainSince: Date | null };

/** What is left to do in a batch. A delivery that may be sent at once counts as of `now`. */
export function readRemainingWork(
  db: Db | Tx,
  batch: BatchKey,
  transportIds: number[],
  now: Date,
): Promise<RemainingWork> {
  return db.one<RemainingWork>(sql`
    select min(coalesce(next_attempt_at, ${now})) filter (where state in ('queued', 'deferred')) as next_attempt_at,
           min(updated_at) filter (where state = 'uncertain'
                                     and transport_id = any(${transportIds}::smallint[])
                                     and resends < ${MAX_RESENDS}) as uncertain_since
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
  `);
}
