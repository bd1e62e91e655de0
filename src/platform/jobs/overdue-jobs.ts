import type { Db } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS } from '../durations.js';

/** Jobs that should have been done. `since`: when the one that waits longest was due; null: none waits. */
export type OverdueJobs = { count: number; more: boolean; since: Date | null };

/** A busy worker takes some seconds; long jobs run for minutes and count while they do. */
const OVERDUE_AFTER_MS = MINUTE_MS;
const MAX_COUNTED = 1000;

export async function findOverdueJobs(db: Db, now: Date): Promise<OverdueJobs> {
  const { count, since } = await db.one<{ count: number; since: Date | null }>(sql`
    select count(*)::integer as count, min(due_at) as since
      from (select due_at
              from outbox
             where due_at < ${new Date(now.getTime() - OVERDUE_AFTER_MS)}
             order by due_at
             limit ${MAX_COUNTED}) as overdue
  `);
  return { count, more: count === MAX_COUNTED, since };
}
