import type { Tx } from '../platform/db/database.js';
import { raw, sql, type Sql } from '../platform/db/sql.js';
import type { Attempt, BatchKey } from './delivery.js';

export type LockedBatch = { number: number; dueAt: Date | null; isLeased: boolean };

/** The next batch of a digest that is not done with, by number; its row stays locked until the transaction ends. */
export function lockOpenBatch(tx: Tx, digestId: string, after: number): Promise<LockedBatch | undefined> {
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
export function endBatchWaits(tx: Tx, now: Date): Promise<number> {
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
export function layBatchToRest(tx: Tx, batch: BatchKey): Promise<number> {
  return tx.run(sql`
    update batches
       set due_at = null
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and leased_until is null
  `);
}

/** queued, and to wait no longer. */
export function endWait(tx: Tx, batch: BatchKey, asOf: Date): Promise<number> {
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
           answer = ${CANCELLED},
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state in ('queued', 'deferred')
  `);
}

const CANCELLED = 'cancelled';

/** Of a cancelled digest: whom it was kept from, or will be within moments. */
export function countKeptFrom(tx: Tx, digestId: string): Promise<{ count: number }> {
  return tx.one(sql`
    select count(*) as count
      from deliveries
     where digest_id = ${digestId}
       and (state in ('queued', 'deferred') or (state = 'skipped' and answer = ${CANCELLED}))
  `);
}

/**
 * Skipped, and not because of her: it was too late, our mail was refused, or it could not be composed. A server's last
 * answer may follow the reason. Whoever is skipped for what she wants is looked at again before anything goes out, so one reason too many here mails nobody.
 */
const skippedByUs = raw(`
  state = 'skipped'
  and split_part(answer, ': ', 1)
      not in ('pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'archived', 'address changed')
`);

/** What failed of a digest, and how many of the refused addresses are suppressed. */
export type Failed = { deferred: number; rejected: number; suppressed: number; skipped: number };

export function countFailed(tx: Tx, digestId: string, publicationId: string): Promise<Failed> {
  return tx.one<Failed>(sql`
    select count(*) filter (where state = 'deferred') as deferred,
           count(*) filter (where state = 'rejected' and not is_suppressed) as rejected,
           count(*) filter (where state = 'rejected' and is_suppressed) as suppressed,
           count(*) filter (where ${skippedByUs}) as skipped
      from (select state, answer,
                   exists (select from suppressions s
                            where s.address_hash = d.address_hash
                              and (s.publication_id = ${publicationId} or s.publication_id is null)
                              and s.reason <> 'erased') as is_suppressed
              from deliveries d
             where digest_id = ${digestId}
               and state in ('deferred', 'rejected', 'skipped')) as unfinished
  `);
}

export function listRejected(
  tx: Tx,
  batch: BatchKey,
  asOf: Date,
): Promise<(Attempt & { addressHash: Buffer | null })[]> {
  return tx.many(sql`
    select subscription_id, attempt, address_hash
      from deliveries
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'rejected'
       and updated_at <= ${asOf}
  `);
}

/** rejected -> queued: those named of a batch, at these attempts. */
export function requeueRejected(
  tx: Tx,
  batch: BatchKey,
  rows: readonly Attempt[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set state = 'queued',
           next_attempt_at = null,
           updated_at = ${now}
      from unnest(${rows.map(({ subscriptionId }) => subscriptionId)}::uuid[],
                  ${rows.map(({ attempt }) => attempt)}::integer[]) as refused (subscription_id, attempt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = refused.subscription_id
       and d.attempt = refused.attempt
       and d.state = 'rejected'
  `);
}

/** skipped through no wish of hers -> queued. */
export function requeueSkipped(tx: Tx, batch: BatchKey, asOf: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${skippedByUs}
       and updated_at <= ${asOf}
  `);
}

/** deferred, and due now. */
export function hastenDeferred(tx: Tx, batch: BatchKey, asOf: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set next_attempt_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'deferred'
       and next_attempt_at > ${now}
       and updated_at <= ${asOf}
  `);
}

/** Batches with deliveries in doubt, or with the one of this subscription. */
export function listDoubtfulBatches(tx: Tx, digestId: string, doubt: Doubt): Promise<{ number: number }[]> {
  return tx.many(sql`
    select distinct batch as number
      from deliveries
     where digest_id = ${digestId}
       and ${isDoubted(doubt)}
     order by batch
  `);
}

/** Which deliveries in doubt: all of a digest, or one reader's; only those whose doubt an operator has seen. */
export type Doubt = { asOf: Date; subscriptionId: string | undefined };

function isDoubted({ asOf, subscriptionId }: Doubt): Sql {
  const hers = subscriptionId === undefined ? sql`` : sql`and subscription_id = ${subscriptionId}`;
  return sql`state = 'uncertain' and updated_at <= ${asOf} ${hers}`;
}

/** uncertain -> accepted. */
export function takeAsArrived(tx: Tx, batch: BatchKey, doubt: Doubt, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'accepted',
           answer = 'An operator found that it had arrived.',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${isDoubted(doubt)}
  `);
}

/** uncertain -> queued: it may arrive twice. */
export function queueAgain(tx: Tx, batch: BatchKey, doubt: Doubt, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           resends = resends + 1,
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${isDoubted(doubt)}
  `);
}
