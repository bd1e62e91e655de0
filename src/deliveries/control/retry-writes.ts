import type { Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { AttemptKey, BatchKey } from '../delivery.js';

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
export type FailedCounts = { deferred: number; rejected: number; suppressed: number; skipped: number };

export function countFailed(tx: Tx, digestId: string, publicationId: string): Promise<FailedCounts> {
  return tx.one<FailedCounts>(sql`
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
): Promise<(AttemptKey & { addressHash: Buffer | null })[]> {
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
  rows: readonly AttemptKey[],
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
export function retryDeferredNow(tx: Tx, batch: BatchKey, asOf: Date, now: Date): Promise<number> {
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
