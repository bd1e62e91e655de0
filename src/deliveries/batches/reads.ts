import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { AttemptKey, BatchKey } from '../delivery.js';

/** Batches that are due and that no worker has. */
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
export function listExpiredLeases(db: Db | Tx, before: Date): Promise<(BatchKey & { leaseToken: string })[]> {
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

/** What a worker is, or was, sending of a batch. */
export function listSending(db: Db | Tx, batch: BatchKey): Promise<AttemptKey[]> {
  return db.many<AttemptKey>(sql`
    select subscription_id, attempt
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'sending'
  `);
}
