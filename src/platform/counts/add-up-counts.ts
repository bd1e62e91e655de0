import type { Context } from '../context.js';
import { LONG_STATEMENT_LIMIT_MS, type Tx } from '../db/database.js';
import { sql } from '../db/sql.js';

/** Adds changes of kept counts up, so that few rows are read for each number. Numbers are the same before and after. */
export async function addUpCounts({ db }: Pick<Context, 'db'>): Promise<void> {
  await db.transaction(addUpChanges, { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
  await db.transaction(deleteZeroCounts);
}

/** Adds the changes up. Whoever does so at the same time adds up the others. */
export function addUpChanges(tx: Tx): Promise<number> {
  return tx.run(sql`
    with changes as (
      delete from count_changes
      returning name, owner_id, key, at, count
    )
    insert into count_sums as known (name, owner_id, key, at, count)
    select name, owner_id, key, at, sum(count)
      from changes
     group by name, owner_id, key, at
     order by name, owner_id, at, key
        on conflict (name, owner_id, at, key) do update
       set count = known.count + excluded.count
  `);
}

/** What came to nothing is not kept. */
function deleteZeroCounts(tx: Tx): Promise<number> {
  return tx.run(sql`delete from count_sums where count = 0`);
}
