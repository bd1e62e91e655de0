import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** Inserts those that have no row. It selects first, because even a conflict would use up one of 32,767 ids. */
export function insertTransports(tx: Tx, names: readonly string[]): Promise<number> {
  return tx.run(sql`
    insert into transports (name)
    select distinct new.name
      from unnest(${names}::text[]) as new (name)
     where not exists (select from transports t where t.name = new.name)
        on conflict (name) do nothing
  `);
}
