import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** Whoever takes in, releases or decides on several articles of a publication waits here for whoever does so already. */
export function lockArticles(tx: Tx, publicationId: string): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`articles ${publicationId}`}, 0))
  `);
}
