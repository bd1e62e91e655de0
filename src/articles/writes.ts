import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** One transaction at a time ingests, releases or decides on several articles of a publication. Held until the transaction ends. */
export function lockArticles(tx: Tx, publicationId: string): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`articles ${publicationId}`}, 0))
  `);
}
