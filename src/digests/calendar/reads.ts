import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { DueCount } from './due-count.js';

/** As they were counted last, the next first. */
export function listDueCounts(db: Db | Tx, publicationId: string): Promise<DueCount[]> {
  return db.many<DueCount>(sql`
    select cadence, period, due_at, closes_at, readers
      from due_counts
     where publication_id = ${publicationId}
     order by due_at, cadence, period
  `);
}
