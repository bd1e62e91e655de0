import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { RegisteredTransport } from './transport.js';

export function listTransports(
  db: Db | Tx,
  names: readonly string[],
): Promise<Omit<RegisteredTransport, 'limits'>[]> {
  return db.many(sql`
    select id, name, first_used_at
      from transports
     where name = any(${names})
  `);
}

/** Every server that ever had its row, by name. */
export function listAllTransports(
  db: Db | Tx,
): Promise<Pick<RegisteredTransport, 'id' | 'name' | 'firstUsedAt'>[]> {
  return db.many(sql`
    select id, name, first_used_at
      from transports
     order by name
  `);
}
