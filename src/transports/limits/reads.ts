import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Usage } from './quota.js';

/** Locks the server's row, and with it every other change of what it is handed, until the transaction ends. */
export function lockTransport(
  tx: Tx,
  id: number,
): Promise<{ firstUsedAt: Date | null; paceReservedUntil: Date | null }> {
  return tx.one(sql`
    select first_used_at, pace_reserved_until
      from transports
     where id = ${id}
       for no key update
  `);
}

/** Oldest first: a row for each minute of a day at most. */
export function listUsage(db: Db | Tx, transportId: number): Promise<Usage[]> {
  return db.many<Usage>(sql`
    select minute, messages
      from transport_usage
     where transport_id = ${transportId}
     order by minute
  `);
}

/** How many messages each server was handed since a moment. */
export function sumUsage(db: Db | Tx, since: Date): Promise<{ transportId: number; messages: number }[]> {
  return db.many(sql`
    select transport_id, sum(messages)::integer as messages
      from transport_usage
     where minute >= ${since}
     group by transport_id
  `);
}
