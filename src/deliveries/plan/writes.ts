import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Makes a batch of a digest, due at once. */
export function insertBatch(tx: Tx, digestId: string, dueAt: Date): Promise<{ number: number }> {
  return tx.one(sql`
    insert into batches (digest_id, due_at)
    values (${digestId}, ${dueAt})
    returning number
  `);
}

/** Deliveries before they are queued. Many readers, few variants: `place` is a variant's number among them, from 1. */
export type NewDeliveries = {
  digestId: string;
  batch: number;
  readers: readonly { id: string; place: number }[];
  variantIds: readonly string[];
};

/** Queues deliveries, one per reader and digest; answers how many were not there before. */
export function insertDeliveries(tx: Tx, planned: NewDeliveries, now: Date): Promise<number> {
  return tx.run(sql`
    insert into deliveries (digest_id, batch, subscription_id, variant_id, state, updated_at)
    select ${planned.digestId}::uuid, ${planned.batch}::integer, reader.id, variant.id, 'queued', ${now}::timestamptz
      from unnest(${`{${planned.readers.map(({ id }) => id).join()}}`}::uuid[],
                  ${`{${planned.readers.map(({ place }) => place).join()}}`}::integer[]) as reader (id, place)
      join unnest(${[...planned.variantIds]}::uuid[]) with ordinality as variant (id, place) using (place)
    on conflict (digest_id, subscription_id) do nothing
  `);
}

/** Of these readers, those whose delivery in a digest is not in this batch: they had one before. */
export function listOutsideBatch(
  tx: Tx,
  { digestId, batch, readers }: NewDeliveries,
): Promise<{ subscriptionId: string }[]> {
  return tx.many(sql`
    select subscription_id
      from deliveries
     where digest_id = ${digestId}
       and subscription_id = any(${readers.map(({ id }) => id)}::uuid[])
       and batch <> ${batch}
  `);
}
