import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { DeliveryCounts, DeliveryState } from './delivery.js';

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

/** The ledger of a digest, counted in one statement, so that it always balances. */
export function countDeliveries(db: Db | Tx, digestId: string): Promise<DeliveryCounts> {
  return db.one<DeliveryCounts>(sql`
    select ${countColumns}
      from deliveries
     where digest_id = ${digestId}
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
