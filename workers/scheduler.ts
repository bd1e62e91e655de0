import type { Db, Tx } from '../src/platform/db/database.js';
import { jobNames, repeatIntervalSeconds, type JobName } from '../src/platform/jobs/definitions.js';
import { enqueueMissing } from '../src/platform/jobs/outbox.js';
import { startIntervalLoop, type IntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { listDueSchedules, advanceSchedule } from '../src/platform/jobs/schedules.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import type { Log } from '../src/platform/log.js';

const INTERVAL_MS = 2_000;
const RETRY_MS = 5_000;

const repeatingJobNames = jobNames.filter((name) => repeatIntervalSeconds(name) !== undefined);

/**
 * Promises repeated work when its time has come, until stopped. Any number may run at once: each time is promised
 * once. Times missed while nobody ran are made up for by one promise.
 */
export function startScheduler({ db, log, now }: { db: Db; log: Log; now: () => Date }): IntervalLoop {
  const rhythm = {
    intervalMs: INTERVAL_MS,
    intervalAfterFailureMs: RETRY_MS,
    outageLog: createOutageLog(log, 'schedule'),
  };
  return startIntervalLoop(rhythm, () => enqueueDueJobs(db, now()));
}

async function enqueueDueJobs(db: Db, now: Date): Promise<void> {
  for (const name of await listDueSchedules(db, repeatingJobNames, now)) {
    await db.transaction((tx) => enqueueAndAdvance(tx, name, now));
  }
}

async function enqueueAndAdvance(tx: Tx, name: JobName, now: Date): Promise<void> {
  const next = new Date(now.getTime() + (repeatIntervalSeconds(name) ?? 0) * 1000);
  if (await advanceSchedule(tx, name, now, next)) await enqueueMissing(tx, name, [{}], now);
}
