import type { Db } from '../db/database.js';
import { sql } from '../db/sql.js';
import { MINUTE_MS, SECOND_MS } from '../durations.js';
import type { JobName } from './definitions.js';
import { repeatIntervalMs } from './schedules.js';

/** Every worker advances the time of this job when it is due, and so shows that there is one. */
const SIGN: JobName = 'sweep';

/** How much longer than the job's interval a worker may take: it looks every two seconds, and a restart takes some more. */
const GRACE_MS = 30 * SECOND_MS;

/** Jobs that repeat are published every few seconds, or a minute apart, whatever else waits. */
const MAX_UNPUBLISHED_MS = MINUTE_MS;

/**
 * Why no job runs, and since when: no worker has been seen (null: none has run yet), or the queue takes nothing from the worker
 * that runs.
 */
export type JobOutage = { cause: 'worker'; since: Date | null } | { cause: 'queue'; since: Date };

/** Undefined while jobs run. */
export async function findJobOutage(db: Db, now: Date): Promise<JobOutage | undefined> {
  const schedule = await db.maybe<{ nextAt: Date }>(sql`select next_at from schedules where name = ${SIGN}`);
  if (schedule === undefined) return { cause: 'worker', since: null };
  if (now.getTime() - schedule.nextAt.getTime() >= GRACE_MS)
    return { cause: 'worker', since: new Date(schedule.nextAt.getTime() - (repeatIntervalMs(SIGN) ?? 0)) };
  const since = await findUnpublished(db, new Date(now.getTime() - MAX_UNPUBLISHED_MS));
  return since === undefined ? undefined : { cause: 'queue', since };
}

/** When a worker was seen the last time, by the clock of the database's rows; undefined: never. */
export async function findWorkerSign(db: Db): Promise<Date | undefined> {
  const schedule = await db.maybe<{ nextAt: Date }>(sql`select next_at from schedules where name = ${SIGN}`);
  return schedule && new Date(schedule.nextAt.getTime() - (repeatIntervalMs(SIGN) ?? 0));
}

/** The worker enqueues this one each minute, also while it may run few others. */
const ALWAYS_ENQUEUED: JobName = 'heartbeat';

async function findUnpublished(db: Db, before: Date): Promise<Date | undefined> {
  const job = await db.maybe<{ createdAt: Date }>(sql`
    select created_at
      from outbox
     where name = ${ALWAYS_ENQUEUED}
       and publish_count = 0
       and created_at < ${before}
     order by created_at
     limit 1
  `);
  return job?.createdAt;
}
