import type { Tx } from '../db/database.js';
import { sql } from '../db/sql.js';

/** Numbers of single quarters of an hour. */
export function deleteCountsBefore(tx: Tx, name: string, before: Date): Promise<number> {
  return tx.run(sql`
    delete from count_sums
     where name = ${name}
       and at < ${before}
  `);
}
