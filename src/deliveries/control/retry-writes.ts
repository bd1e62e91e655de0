import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { countEach, countMoved } from '../count-moved.js';
import type { AttemptKey, BatchKey } from '../delivery.js';
import { retryableSkipReasons, type SkipReason } from '../skip-reason.js';

/** rejected -> queued: these deliveries of a batch, at these attempts. */
export async function requeueRejected(
  tx: Tx,
  batch: BatchKey,
  rows: readonly AttemptKey[],
  now: Date,
): Promise<number> {
  const count = await tx.run(sql`
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
  await countMoved(tx, batch, [{ from: 'rejected', to: 'queued', count }]);
  return count;
}

/** skipped -> queued, where the reason may be retried. It stays in the row until a worker claims it. */
export async function requeueSkipped(tx: Tx, batch: BatchKey, asOf: Date, now: Date): Promise<number> {
  const requeued = await tx.many<{ skipReason: SkipReason }>(sql`
    update deliveries
       set state = 'queued',
           next_attempt_at = null,
           updated_at = ${now}
     where digest_id = ${batch.digestId}
       and batch = ${batch.number}
       and state = 'skipped'
       and skip_reason = any(${[...retryableSkipReasons]}::text[])
       and updated_at <= ${asOf}
    returning skip_reason
  `);
  await countMoved(
    tx,
    batch,
    countEach(requeued, ({ skipReason }) => ({ from: ['skipped', skipReason], to: 'queued' })),
  );
  return requeued.length;
}

/** Deferred deliveries of a batch are due now. */
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
