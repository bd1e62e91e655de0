import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Usage } from './rate-windows.js';

/** Locks the server's row, and with it every other change of its usage, until the transaction ends. */
export function lockTransport(tx: Tx, id: number): Promise<{ firstUsedAt: Date | null }> {
  return tx.one(sql`
    select first_used_at
      from transports
     where id = ${id}
       for no key update
  `);
}

export function listUsage(db: Db | Tx, transportId: number): Promise<Usage[]> {
  return db.many<Usage>(sql`
    select span, starts_at, used
      from transport_usage
     where transport_id = ${transportId}
  `);
}
