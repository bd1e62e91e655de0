import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Usage } from './rate-windows.js';

/** Only the first use is recorded. */
export function recordFirstUse(tx: Tx, id: number, now: Date): Promise<number> {
  return tx.run(sql`
    update transports
       set first_used_at = ${now}
     where id = ${id}
       and first_used_at is null
  `);
}

/** The caller has locked the server's row with `lockTransport`. */
export function writeUsage(tx: Tx, transportId: number, usage: readonly Usage[]): Promise<number> {
  return tx.run(sql`
    insert into transport_usage (transport_id, span, starts_at, used)
    select ${transportId}, new.span, new.starts_at, new.used
      from unnest(${usage.map(({ span }) => span)}::text[],
                  ${usage.map(({ startsAt }) => startsAt)}::timestamptz[],
                  ${usage.map(({ used }) => used)}::integer[]) as new (span, starts_at, used)
        on conflict (transport_id, span)
        do update set starts_at = excluded.starts_at,
                      used = excluded.used
  `);
}
