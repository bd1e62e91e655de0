import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';
import { countMoved } from '../count-moved.js';

/** Makes a batch of a digest, due at once. */
export function insertBatch(tx: Tx, digestId: string, dueAt: Date): Promise<{ number: number }> {
  return tx.one(sql`
    insert into batches (digest_id, due_at)
    values (${digestId}, ${dueAt})
    returning number
  `);
}

/** Deliveries before they are queued. Many readers, few variants: `variantNumber` is a place among `variantIds`, from 1. */
export type NewDeliveries = {
  digestId: string;
  batch: number;
  readers: readonly { id: string; variantNumber: number }[];
  variantIds: readonly string[];
};

/**
 * Queues deliveries, one per reader and digest, and skips those of suppressed addresses.
 * @returns how many were not there before
 */
export async function insertDeliveries(
  tx: Tx,
  planned: NewDeliveries & { suppressed: readonly string[] },
  now: Date,
): Promise<number> {
  const { digestId, batch, readers, variantIds, suppressed } = planned;
  const { count, skipped } = await tx.one<{ count: number; skipped: number }>(sql`
    with added as (
      insert into deliveries (digest_id, batch, subscription_id, variant_id, state, skip_reason, updated_at)
      select ${digestId}::uuid, ${batch}::integer, reader.id, variant.id,
             case when stopped.id is null then 'queued' else 'skipped' end,
             case when stopped.id is not null then 'suppressed' end, ${now}::timestamptz
        from unnest(${arrayLiteral(readers.map(({ id }) => id))}::uuid[],
                    ${arrayLiteral(readers.map(({ variantNumber }) => variantNumber))}::integer[]) as reader (id, variant_number)
        join unnest(${[...variantIds]}::uuid[]) with ordinality as variant (id, variant_number) using (variant_number)
        left join unnest(${arrayLiteral(suppressed)}::uuid[]) as stopped (id) on stopped.id = reader.id
      on conflict (digest_id, subscription_id) do nothing
      returning state
    )
    select count(*)::integer as count, count(*) filter (where state = 'skipped')::integer as skipped
      from added
  `);
  await countMoved(tx, { digestId, number: batch }, [
    { to: 'queued', count: count - skipped },
    { to: ['skipped', 'suppressed'], count: skipped },
  ]);
  return count;
}
