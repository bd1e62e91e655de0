import type { Db, Tx } from '../src/platform/db/database.js';
import { jobNames, secondsBetween, type JobName } from '../src/platform/jobs/contract.js';
import { enqueueMissing } from '../src/platform/jobs/outbox.js';
import { repeat, type Repeated } from '../src/platform/jobs/repeat.js';
import { dueNow, moveOn } from '../src/platform/jobs/schedules.js';
import { reportTrouble } from '../src/platform/jobs/trouble.js';
import type { Log } from '../src/platform/log.js';

const EVERY_MS = 2_000;
const AFTER_TROUBLE_MS = 5_000;

const repeated = jobNames.filter((name) => secondsBetween(name) !== undefined);

/**
 * Promises repeated work when its time has come, until stopped. Any number may run at once: each time is promised
 * once. Times missed while nobody ran are made up for by one promise.
 */
export function startSchedule({ db, log, now }: { db: Db; log: Log; now: () => Date }): Repeated {
  const rhythm = {
    everyMs: EVERY_MS,
    afterTroubleMs: AFTER_TROUBLE_MS,
    trouble: reportTrouble(log, 'schedule'),
  };
  return repeat(rhythm, () => promiseDue(db, now()));
}

async function promiseDue(db: Db, now: Date): Promise<void> {
  for (const name of await dueNow(db, repeated, now)) {
    await db.transaction((tx) => promiseOnce(tx, name, now));
  }
}

async function promiseOnce(tx: Tx, name: JobName, now: Date): Promise<void> {
  const next = new Date(now.getTime() + (secondsBetween(name) ?? 0) * 1000);
  if (await moveOn(tx, name, now, next)) await enqueueMissing(tx, name, [{}], now);
}
