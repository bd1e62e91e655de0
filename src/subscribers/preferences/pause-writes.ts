import type { Tx } from '../../platform/db/database.js';
import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import { sql } from '../../platform/db/sql.js';

/** confirmed -> paused; a pause that has begun gets another end. Undefined: she is neither. */
export function markPaused(
  tx: Tx,
  id: string,
  { until, catchUp }: { until: Date | null; catchUp: boolean },
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = 'paused',
           paused_at = coalesce(paused_at, ${now}),
           paused_until = ${until},
           catch_up = ${catchUp},
           next_due_at = null
     where id = ${id}
       and status in ('confirmed', 'paused')
    returning id
  `);
}

/** Of these readers, those who pause and asked for a catch-up, to an article number. */
export function lowerWatermarks(
  tx: Tx,
  readers: readonly { id: string; watermark: number }[],
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set watermark = least(s.watermark, step.watermark)
      from unnest(${arrayLiteral(readers.map(({ id }) => id))}::uuid[],
                  ${arrayLiteral(readers.map(({ watermark }) => watermark))}::bigint[]) as step (id, watermark)
     where s.id = step.id
       and s.status = 'paused'
       and s.catch_up
  `);
}

/**
 * paused -> confirmed, for readers of one publication: each from the article she stopped at, or from the newest on.
 * Who catches up gets it in one digest.
 */
export function markResumed(
  tx: Tx,
  readers: readonly { id: string; nextDueAt: Date | null }[],
  newest: number,
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set status = 'confirmed',
           watermark = case when s.catch_up then s.watermark else greatest(s.watermark, ${newest}) end,
           catch_up_to = case when s.catch_up then ${newest}::bigint end,
           next_due_at = reader.next_due_at,
           paused_at = null,
           paused_until = null,
           catch_up = false
      from unnest(${arrayLiteral(readers.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(readers.map(({ nextDueAt }) => nextDueAt))}::timestamptz[])
           as reader (id, next_due_at)
     where s.id = reader.id
       and s.status = 'paused'
  `);
}
