import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import type { BatchKey } from '../delivery.js';

/** Batches with deliveries in doubt, or with the one of this subscription. */
export function listUncertainBatches(
  tx: Tx,
  digestId: string,
  doubt: UncertainFilter,
): Promise<{ number: number }[]> {
  return tx.many(sql`
    select distinct batch as number
      from deliveries
     where digest_id = ${digestId}
       and ${matchesUncertain(doubt)}
     order by batch
  `);
}

/** Which deliveries in doubt: all of a digest, or one reader's; only those whose doubt an operator has seen. */
export type UncertainFilter = { asOf: Date; subscriptionId: string | undefined };

function matchesUncertain({ asOf, subscriptionId }: UncertainFilter): Sql {
  const hers = subscriptionId === undefined ? sql`` : sql`and subscription_id = ${subscriptionId}`;
  return sql`state = 'uncertain' and updated_at <= ${asOf} ${hers}`;
}

/** uncertain -> accepted. */
export function markAccepted(tx: Tx, batch: BatchKey, doubt: UncertainFilter, now: Date): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'accepted',
           answer = 'An operator found that it had arrived.',
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${matchesUncertain(doubt)}
  `);
}

/** uncertain -> queued: it may arrive twice. */
export function requeueUncertain(
  tx: Tx,
  batch: BatchKey,
  doubt: UncertainFilter,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update deliveries
       set state = 'queued',
           resends = resends + 1,
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and ${matchesUncertain(doubt)}
  `);
}
