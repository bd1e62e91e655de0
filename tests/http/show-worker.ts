import { advanceSchedule } from '../../src/platform/jobs/schedules.js';
import type { TestApp } from '../support/test-app.js';

/** What a worker leaves that runs now. */
export async function showWorker({ context: { db, now } }: TestApp): Promise<void> {
  await db.transaction((tx) => advanceSchedule(tx, 'sweep', now()));
}
