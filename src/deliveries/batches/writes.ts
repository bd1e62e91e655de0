import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { BatchKey } from '../delivery.js';

/**
 * Leases a due batch of a digest that is being sent to one worker. Undefined: it is not due, or another worker has it. A
 * dead worker's lease stays: take-over ends it, and decides what becomes of the deliveries that it was sending.
 */
export function leaseBatch(
  tx: Tx,
  batch: BatchKey,
  token: string,
  until: Date,
  now: Date,
): Promise<{ number: number } | undefined> {
  return tx.maybe(sql`
    update batches b
       set lease_token = ${token},
           leased_until = ${until}
      from digests g
     where b.digest_id = ${batch.digestId}
       and b.number = ${batch.number}
       and b.due_at <= ${now}
       and b.leased_until is null
       and g.id = b.digest_id
       and g.state = 'sending'
    returning b.number
  `);
}

/** Zero: the lease is another worker's by now. The row stays locked until the transaction ends. */
export function renewBatch(tx: Tx, batch: BatchKey, token: string, until: Date): Promise<number> {
  return tx.run(sql`
    update batches
       set leased_until = ${until}
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and lease_token = ${token}
  `);
}

/** Gives the lease back and says when there is something to do again; null when every delivery is final. */
export function releaseBatch(tx: Tx, batch: BatchKey, token: string, dueAt: Date | null): Promise<number> {
  return tx.run(sql`
    update batches
       set lease_token = null,
           leased_until = null,
           due_at = ${dueAt}
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and lease_token = ${token}
  `);
}

/** Ends the lease of a worker that stopped renewing it; zero: it has renewed it since, or somebody else ended it. */
export function releaseExpiredBatch(
  tx: Tx,
  batch: BatchKey,
  token: string,
  before: Date,
  dueAt: Date,
): Promise<number> {
  return tx.run(sql`
    update batches
       set lease_token = null,
           leased_until = null,
           due_at = ${dueAt}
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and lease_token = ${token}
       and leased_until < ${before}
  `);
}

/** There is something to do in a batch now. */
export function makeBatchDue(tx: Tx, batch: BatchKey, now: Date): Promise<number> {
  return tx.run(sql`
    update batches
       set due_at = least(due_at, ${now})
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
  `);
}
