import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { AttemptKey, BatchKey } from '../delivery.js';
import { retryableSkipReasons } from '../skip-reason.js';
import { DELIVERY_TRANSITIONS } from '../transitions.js';

/** What failed of a digest, and how many of the refused addresses are suppressed. */
export type FailedCounts = { deferred: number; rejected: number; suppressed: number; skipped: number };

export function countFailed(tx: Tx, digestId: string, publicationId: string): Promise<FailedCounts> {
  return tx.one<FailedCounts>(sql`
    select count(*) filter (where state = 'deferred') as deferred,
           count(*) filter (where state = 'rejected' and not is_suppressed) as rejected,
           count(*) filter (where state = 'rejected' and is_suppressed) as suppressed,
           count(*) filter (where state = 'skipped' and skip_reason = any(${[...retryableSkipReasons]}::text[])) as skipped
      from (select state, skip_reason,
                   exists (select from suppressions s
                            where s.address_hash = d.address_hash
                              and (s.publication_id = ${publicationId} or s.publication_id is null)
                              and s.reason <> 'erased') as is_suppressed
              from deliveries d
             where digest_id = ${digestId}
               and state in ('deferred', 'rejected', 'skipped')) as unfinished
  `);
}

/** The refused deliveries of a batch that were so at a moment. */
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

/** Batches with uncertain deliveries, or with the one of this subscription. */
export function listUncertainBatches(
  tx: Tx,
  digestId: string,
  filter: UncertainFilter,
): Promise<{ number: number }[]> {
  return tx.many(sql`
    select distinct batch as number
      from deliveries
     where digest_id = ${digestId}
       and ${matchesUncertain(filter)}
     order by batch
  `);
}

/** Which uncertain deliveries: all of a digest, or one reader's; only those that were so when the operator decided. */
export type UncertainFilter = { asOf: Date; subscriptionId: string | undefined };

export function matchesUncertain({ asOf, subscriptionId }: UncertainFilter): Sql {
  const ofReader = subscriptionId === undefined ? sql`` : sql`and subscription_id = ${subscriptionId}`;
  return sql`state = any(${statesBefore(DELIVERY_TRANSITIONS, 'resolve')}::text[]) and updated_at <= ${asOf} ${ofReader}`;
}
