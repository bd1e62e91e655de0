import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import type { JobName } from './definitions.js';

/** Which jobs repeat, and how often. Their payload is empty. */
const REPEAT_EVERY_SECONDS: Partial<Record<JobName, number>> = {
  'poll-due': 15,
  'release-due': 15,
  sweep: 15,
  'add-up-counts': 30,
  'watch-sign-ups': 60,
  'alert-operators': 60,
  heartbeat: 60,
  'poll-mailbox': 60,
  'record-left-requests': 60,
  'hash-addresses': 60,
  'start-imported': 60,
  'plan-due': 60,
  reconcile: 60,
  'note-mailed': 300,
  'resume-paused': 300,
  'count-due': 600,
  'judge-providers': 600,
  purge: 3600,
  'check-counts': 86_400,
  'check-senders': 86_400,
};

export const repeatingJobNames = Object.keys(REPEAT_EVERY_SECONDS) as JobName[];

/** Milliseconds from one run of a repeating job to the next; undefined for a job that does not repeat. */
export function repeatIntervalMs(name: JobName): number | undefined {
  const seconds = REPEAT_EVERY_SECONDS[name];
  return seconds === undefined ? undefined : seconds * 1000;
}

/**
 * The repeating jobs that are to be enqueued now. One that was never enqueued is due, and so is one whose next time is more
 * than two intervals away: a clock that had jumped ahead wrote it.
 */
export async function listDueSchedules(db: Db, now: Date): Promise<JobName[]> {
  const due = await db.many<{ name: JobName }>(sql`
    select name
      from unnest(${repeatingJobNames}::text[],
                  ${repeatingJobNames.map(repeatIntervalMs)}::float8[]) as repeating (name, interval_ms)
      left join schedules using (name)
     where next_at is null
        or next_at <= ${now}
        or next_at > ${now}::timestamptz + 2 * interval_ms * interval '1 millisecond'
  `);
  return due.map((row) => row.name);
}

/** Sets the next time of a due repeating job. False when another process did that first. */
export async function advanceSchedule(tx: Tx, name: JobName, now: Date): Promise<boolean> {
  const intervalMs = repeatIntervalMs(name) ?? 0;
  const next = new Date(now.getTime() + intervalMs);
  const advanced = await tx.run(sql`
    insert into schedules (name, next_at) values (${name}, ${next})
    on conflict (name) do update
       set next_at = excluded.next_at
     where schedules.next_at <= ${now}
        or schedules.next_at > ${new Date(now.getTime() + 2 * intervalMs)}
  `);
  return advanced === 1;
}
