import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';

/** A process whose clock is minutes from Postgres'. `aheadMs` is negative where it is behind. */
export type ClockDifference = { owner: string; aheadMs: number; foundAt: Date };

export async function readDatabaseTime(db: Db): Promise<Date> {
  return (await db.one<{ at: Date }>(sql`select clock_timestamp() as at`)).at;
}

/** By Postgres' clock: the other one cannot say when. */
export async function recordClockDifference(db: Db, owner: string, aheadMs: number): Promise<void> {
  await db.run(sql`
    insert into clock_differences (owner, ahead_ms, found_at, seen_at)
    values (${owner}, ${aheadMs}, clock_timestamp(), clock_timestamp())
    on conflict (owner) do update
       set ahead_ms = excluded.ahead_ms,
           seen_at = excluded.seen_at
  `);
}

export async function deleteClockDifference(db: Db, owner: string): Promise<void> {
  await db.run(sql`delete from clock_differences where owner = ${owner}`);
}

/** Those found within the last minutes: a process that has ended says nothing any more. */
export function listClockDifferences(db: Db | Tx): Promise<ClockDifference[]> {
  return db.many<ClockDifference>(sql`
    select owner, ahead_ms, found_at
      from clock_differences
     where seen_at > clock_timestamp() - interval '5 minutes'
     order by abs(ahead_ms) desc
  `);
}
