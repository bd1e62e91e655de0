import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';
import { deleteFinishedJob } from '../../src/platform/jobs/outbox-job.js';
import type { IntervalLoop } from '../../src/platform/jobs/interval-loop.js';
import { startScheduler } from '../../workers/scheduler.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { createMemoryLog } from './test-worker.js';
import { waitUntil } from '../support/wait-until.js';

let database: TestDatabase;
let running: IntervalLoop[] = [];
let aheadMs = 0;

beforeEach(async () => {
  database = await createTestDatabase();
  running = [];
  aheadMs = 0;
  lines.length = 0;
});
afterEach(async () => {
  await stopAll();
  await database.close();
});

const noon = new Date('2026-11-22T12:00:00Z').getTime();
const { log, lines } = createMemoryLog();
const start = () =>
  void running.push(startScheduler({ db: database.db, log, now: () => new Date(noon + aheadMs) }));
const stopAll = () => Promise.all(running.map((scheduler) => scheduler.stop()));

/** One pass of two schedulers at once: each begins when it is started, and stopping waits for its end. */
async function pass(): Promise<void> {
  running = [];
  start();
  start();
  await stopAll();
}

async function listEnqueued(): Promise<string[]> {
  const rows = await database.db.many<{ name: string }>(sql`select name from outbox order by name`);
  return rows.map((row) => row.name);
}

async function deleteAll(): Promise<void> {
  const rows = await database.db.many<{ id: number }>(sql`select id from outbox`);
  for (const row of rows) await deleteFinishedJob(database.db, row.id);
}

const repeatingJobs = [
  'add-up-counts',
  'alert-operators',
  'check-counts',
  'check-senders',
  'count-due',
  'hash-addresses',
  'heartbeat',
  'judge-providers',
  'note-mailed',
  'plan-due',
  'poll-due',
  'poll-mailbox',
  'purge',
  'reconcile',
  'record-left-requests',
  'release-due',
  'resume-paused',
  'start-imported',
  'sweep',
  'watch-sign-ups',
];
const everyQuarterMinute = ['poll-due', 'release-due', 'sweep'];
const everyHalfMinute = ['add-up-counts', ...everyQuarterMinute];
const everyMinute = [
  'alert-operators',
  'hash-addresses',
  'heartbeat',
  'plan-due',
  'poll-mailbox',
  'reconcile',
  'record-left-requests',
  'start-imported',
  'watch-sign-ups',
];

describe('the scheduler', () => {
  test('enqueues every repeating job at the first start', async () => {
    start();
    await waitUntil(async () => (await listEnqueued()).length === repeatingJobs.length);
    expect(await listEnqueued()).toEqual(repeatingJobs);
  });

  test('enqueues a job once for each time, however many schedulers run', async () => {
    await pass();
    expect(await listEnqueued()).toEqual(repeatingJobs);
    await deleteAll();
    for (const [seconds, names] of [
      [14, []],
      [15, everyQuarterMinute],
      [29, []],
      [30, everyHalfMinute],
      [60, [...everyHalfMinute, ...everyMinute].toSorted()],
    ] as const) {
      aheadMs = seconds * 1000;
      await pass();
      expect(await listEnqueued()).toEqual(names);
      await deleteAll();
    }
  });

  test('enqueues nothing that is still waiting', async () => {
    await pass();
    aheadMs = HOUR_MS;
    await pass();
    expect(await listEnqueued()).toEqual(repeatingJobs);
  });

  test('makes up for missed times once', async () => {
    await pass();
    await deleteAll();
    aheadMs = 2 * DAY_MS;
    await pass();
    await deleteAll();
    aheadMs += 1_000;
    await pass();
    expect(await listEnqueued()).toEqual([]);
  });

  test('goes on when a clock that had jumped a year ahead is right again', async () => {
    await pass();
    aheadMs = 365 * DAY_MS;
    await pass();
    await deleteAll();
    aheadMs = 60_000;
    await pass();
    expect(await listEnqueued()).toEqual(repeatingJobs);
    await deleteAll();
    await pass();
    expect(await listEnqueued()).toEqual([]);
    aheadMs += 15_000;
    await pass();
    expect(await listEnqueued()).toEqual(everyQuarterMinute);
  });

  test('goes on after a failure', async () => {
    start();
    await waitUntil(async () => (await listEnqueued()).length === repeatingJobs.length);
    await database.db.run(sql`alter table schedules rename to lost`);
    aheadMs = DAY_MS;
    await deleteAll();
    await waitUntil(() => lines.some(({ event }) => event === 'scheduler.unavailable'));
    await database.db.run(sql`alter table lost rename to schedules`);
    await waitUntil(async () => (await listEnqueued()).length === repeatingJobs.length, 10_000);
  });
});
