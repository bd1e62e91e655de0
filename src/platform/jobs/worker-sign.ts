import type { Db } from '../db/database.js';
import { sql } from '../db/sql.js';
import { SECOND_MS } from '../durations.js';
import type { JobName } from './definitions.js';
import { repeatIntervalMs } from './schedules.js';

/** Every worker advances the time of this job when it is due, and so shows that there is one. */
const SIGN: JobName = 'sweep';

/** How much longer than the job's interval a worker may take: it looks every two seconds, and a restart takes some more. */
const GRACE_MS = 30 * SECOND_MS;

/** Since when no worker has been seen; null: none has run yet. */
export type MissingWorker = { since: Date | null };

/** Undefined while a worker runs. */
export async function findMissingWorker(db: Db, now: Date): Promise<MissingWorker | undefined> {
  const schedule = await db.maybe<{ nextAt: Date }>(sql`select next_at from schedules where name = ${SIGN}`);
  if (schedule === undefined) return { since: null };
  if (now.getTime() - schedule.nextAt.getTime() < GRACE_MS) return undefined;
  return { since: new Date(schedule.nextAt.getTime() - (repeatIntervalMs(SIGN) ?? 0)) };
}
