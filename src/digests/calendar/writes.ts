import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { DueCount } from './due-count.js';

/** In place of those that were counted before. */
export async function replaceDueCounts(
  tx: Tx,
  publicationId: string,
  counts: readonly DueCount[],
): Promise<void> {
  await tx.run(sql`
    delete from due_counts
     where publication_id = ${publicationId}
  `);
  await tx.run(sql`
    insert into due_counts (publication_id, cadence, period, due_at, closes_at, readers)
    select ${publicationId}, cadence, period, "dueAt", "closesAt", readers
      from jsonb_to_recordset(${JSON.stringify(counts)}::jsonb)
        as given (cadence text, period text, "dueAt" timestamptz, "closesAt" timestamptz, readers integer)
  `);
}
