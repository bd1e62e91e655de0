import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import type { JobName } from './definitions.js';

/** Which of these repeated jobs are to be promised now. One that was never promised is due. */
export async function listDueSchedules(db: Db, names: readonly JobName[], now: Date): Promise<JobName[]> {
  const due = await db.many<{ name: JobName }>(sql`
    select name
      from unnest(${names}::text[]) as repeated (name)
      left join schedules using (name)
     where next_at is null or next_at <= ${now}
  `);
  return due.map((row) => row.name);
}

/** Moves a due job on to its next time. False when another process was here before us. */
export async function advanceSchedule(tx: Tx, name: JobName, now: Date, next: Date): Promise<boolean> {
  const moved = await tx.run(sql`
    insert into schedules (name, next_at) values (${name}, ${next})
    on conflict (name) do update
       set next_at = excluded.next_at
     where schedules.next_at <= ${now}
  `);
  return moved === 1;
}
