import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import { countMoved } from '../count-moved.js';
import type { BatchKey } from '../delivery.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

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

/** The next batch of a digest, whether or not it is done with; its row stays locked until the transaction ends. */
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

/** Single mails that were put off, no server having taken them, are due now. */
export function makeWaitingNoticesDue(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set due_at = ${now}
     where due_at > ${now}
       and state = 'queued'
  `);
}

/** There is nothing left to do in a batch. One that a worker has is left alone: it says itself when it is due. */
export function clearBatchDue(tx: Tx, batch: BatchKey): Promise<number> {
  return tx.run(sql`
    update batches
       set due_at = null
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and leased_until is null
  `);
}

/** Queued deliveries of a batch, which waited for a time of their own, are due at once. */
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
export async function skipUnsent(tx: Tx, batch: BatchKey, now: Date): Promise<void> {
  for (const from of statesBefore(DELIVERY_TRANSITIONS, 'cancel')) {
    const count = await tx.run(sql`
      update deliveries
         set state = 'skipped',
             skip_reason = 'cancelled',
             answer = null,
             next_attempt_at = null,
             updated_at = ${now}
       where digest_id = ${batch.digestId}
         and batch = ${batch.number}
         and state = ${from}
    `);
    await countMoved(tx, batch, [{ from, to: ['skipped', 'cancelled'], count }]);
  }
}
