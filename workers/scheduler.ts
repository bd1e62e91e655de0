import type { Db, Tx } from '../src/platform/db/database.js';
import type { JobName } from '../src/platform/jobs/definitions.js';
import { startIntervalLoop, type IntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import { enqueueMissing } from '../src/platform/jobs/outbox.js';
import { advanceSchedule, listDueSchedules } from '../src/platform/jobs/schedules.js';
import type { Log } from '../src/platform/log.js';
import { OPEN_GATE, type JobGate } from './job-gate.js';

const INTERVALS = { intervalMs: 2_000, intervalAfterFailureMs: 5_000 };

/**
 * Enqueues repeating jobs when their time has come, until stopped. Any number of schedulers may run at once: each time
 * is used once. Times missed while none ran are made up for by one job.
 */
export function startScheduler({
  db,
  log,
  now,
  gate = OPEN_GATE,
}: {
  db: Db;
  log: Log;
  now: () => Date;
  gate?: JobGate;
}): IntervalLoop {
  const outageLog = createOutageLog(log, 'scheduler');
  return startIntervalLoop({ ...INTERVALS, outageLog }, async () => {
    const at = now();
    const only = gate.onlyJobs();
    for (const name of await listDueSchedules(db, at)) {
      if (only?.includes(name) ?? true) await db.transaction((tx) => enqueueRepeatingJob(tx, name, at));
    }
  });
}

async function enqueueRepeatingJob(tx: Tx, name: JobName, now: Date): Promise<void> {
  if (await advanceSchedule(tx, name, now)) await enqueueMissing(tx, name, [{}], now);
}
