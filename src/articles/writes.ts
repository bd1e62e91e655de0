import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** Until the transaction ends, no other one ingests, releases or decides on several articles of this publication. */
export function lockArticles(tx: Tx, publicationId: string): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`articles ${publicationId}`}, 0))
  `);
}
