import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { BatchKey } from '../delivery.js';

export type LockedBatch = { number: number; dueAt: Date | null; isLeased: boolean };

/** The next batch of a digest that is not done with, by number; its row stays locked until the transaction ends. */
export function lockNextOpenBatch(tx: Tx, digestId: string, after: number): Promise<LockedBatch | undefined> {
  return tx.maybe(sql`
    select number, due_at, leased_until is not null as is_leased
      from batches
     where digest_id = ${digestId}
       and number > ${after}
       and (due_at is not null or leased_until is not null)
     order by number
     limit 1
       for update
  `);
}

/** The same of all batches. */
export function lockNextBatch(tx: Tx, digestId: string, after: number): Promise<LockedBatch | undefined> {
  return tx.maybe(sql`
    select number, due_at, leased_until is not null as is_leased
      from batches
     where digest_id = ${digestId}
       and number > ${after}
     order by number
     limit 1
       for update
  `);
}

/** There is something to do in it now. */
export function makeBatchDue(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update batches
       set due_at = least(due_at, ${now})
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
  `);
}

/** Of all digests that are being sent: batches that were put off whole, no server having taken anything, are due now. */
export function makeWaitingBatchesDue(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update batches b
       set due_at = ${now}
      from digests g
     where g.id = b.digest_id
       and g.state = 'sending'
       and b.due_at > ${now}
       and exists (select from deliveries d
                    where d.digest_id = b.digest_id
                      and d.batch = b.number
                      and d.state = 'queued'
                      and d.next_attempt_at is null)
  `);
}

/** There is nothing to do in it, unless a worker is at it. */
export function clearBatchDue(tx: Tx, batch: BatchKey): Promise<number> {
  return tx.run(sql`
    update batches
       set due_at = null
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and leased_until is null
  `);
}

/** queued, and to wait no longer. */
export function clearNextAttempt(tx: Tx, batch: BatchKey, asOf: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set next_attempt_at = null
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'queued'
       and next_attempt_at is not null
       and updated_at <= ${asOf}
  `);
}

/** queued or deferred -> skipped, in a digest that is cancelled. */
export function skipUnsent(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'skipped',
           answer = ${CANCELLED_REASON},
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state in ('queued', 'deferred')
  `);
}

const CANCELLED_REASON = 'cancelled';

/** Of a cancelled digest: whom it was kept from, or will be within moments. */
export function countCancelledDeliveries(tx: Tx, digestId: string): Promise<{ count: number }> {
  return tx.one(sql`
    select count(*) as count
      from deliveries
     where digest_id = ${digestId}
       and (state in ('queued', 'deferred') or (state = 'skipped' and answer = ${CANCELLED_REASON}))
  `);
}
