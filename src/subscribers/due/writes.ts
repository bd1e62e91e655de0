import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** What planning changes of a reader: the latest article number planned for her, and when she is due next. */
export type ReaderProgress = { watermark: number; nextDueAt: Date | null };

/** @param readers each with the place of her values in `steps`, counted from 1 */
export function updateWatermarks(
  tx: Tx,
  readers: readonly { id: string; place: number }[],
  steps: readonly ReaderProgress[],
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set watermark = greatest(s.watermark, step.watermark),
           next_due_at = step.next_due_at
      from unnest(${`{${readers.map(({ id }) => id).join()}}`}::uuid[],
                  ${`{${readers.map(({ place }) => place).join()}}`}::integer[]) as planned (id, place)
      join unnest(${steps.map((step) => step.watermark)}::bigint[],
                  ${steps.map((step) => step.nextDueAt)}::timestamptz[])
           with ordinality as step (watermark, next_due_at, place) using (place)
     where s.id = planned.id
  `);
}

export function updateAllWatermarks(tx: Tx): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set watermark = p.last_seq
      from publications p
     where p.id = s.publication_id
       and s.status = 'confirmed'
       and s.watermark < p.last_seq
  `);
}
