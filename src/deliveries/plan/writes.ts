import type { Tx } from '../../platform/db/database.js';
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

/** Queues deliveries, one per reader and digest; returns how many were not there before. */
export async function insertDeliveries(tx: Tx, planned: NewDeliveries, now: Date): Promise<number> {
  const count = await tx.run(sql`
    insert into deliveries (digest_id, batch, subscription_id, variant_id, state, updated_at)
    select ${planned.digestId}::uuid, ${planned.batch}::integer, reader.id, variant.id, 'queued', ${now}::timestamptz
      from unnest(${`{${planned.readers.map(({ id }) => id).join()}}`}::uuid[],
                  ${`{${planned.readers.map(({ variantNumber }) => variantNumber).join()}}`}::integer[]) as reader (id, variant_number)
      join unnest(${[...planned.variantIds]}::uuid[]) with ordinality as variant (id, variant_number) using (variant_number)
    on conflict (digest_id, subscription_id) do nothing
  `);
  await countMoved(tx, { digestId: planned.digestId, number: planned.batch }, [{ to: 'queued', count }]);
  return count;
}
