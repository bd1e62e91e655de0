import type { Tx } from '../db/database.js';
import { sql, type Sql } from '../db/sql.js';

/** What a kept number counts: rows of `owner_id`, `key`, `at` and `count`, of one owner where a condition names it. */
export type CountSource = { name: string; rows: Sql; ownerId?: string };

/** A number that differs from what there is to count. */
export type CountDifference = {
  ownerId: string;
  key: string[];
  at: Date | null;
  kept: number;
  counted: number;
};

/** Both sides are read by one statement: what changes meanwhile is in both of them, or in neither. */
const differencesOf = ({ name, rows, ownerId }: CountSource): Sql => sql`
  kept as (
    select owner_id, key, at, sum(count)::bigint as count
      from counts
     where name = ${name}
       ${ownerId === undefined ? sql`` : sql`and owner_id = ${ownerId}`}
     group by owner_id, key, at
  ), counted as (
    ${rows}
  ), differences as (
    select coalesce(kept.owner_id, counted.owner_id) as owner_id, coalesce(kept.key, counted.key) as key,
           coalesce(kept.at, counted.at) as at, coalesce(kept.count, 0) as kept, coalesce(counted.count, 0) as counted
      from kept
      full join counted
        on counted.owner_id = kept.owner_id
       and counted.key = kept.key
       and coalesce(counted.at, '-infinity') = coalesce(kept.at, '-infinity')
     where coalesce(kept.count, 0) <> coalesce(counted.count, 0)
  )`;

export function listDifferences(tx: Tx, source: CountSource): Promise<CountDifference[]> {
  return tx.many<CountDifference>(sql`
    with ${differencesOf(source)}
    select owner_id, key, at, kept, counted
      from differences
     order by owner_id, key, at
  `);
}

/**
 * Makes numbers say what there is: what they differ by is added as one more change, so nobody who changes them waits. Two at
 * once would add it twice, so one waits for the other.
 */
export async function correctCounts(tx: Tx, source: CountSource): Promise<CountDifference[]> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('correct counts'))`);
  return tx.many<CountDifference>(sql`
    with ${differencesOf(source)}, corrected as (
      insert into count_changes (name, owner_id, key, at, count)
      select ${source.name}, owner_id, key, at, counted - kept
        from differences
    )
    select owner_id, key, at, kept, counted
      from differences
     order by owner_id, key, at
  `);
}
