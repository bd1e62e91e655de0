import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { enqueue, enqueueAll, enqueueMissing } from '../../../src/platform/jobs/outbox.js';
import { backoffMs, deleteFinishedJob, postponeJob, readJob } from '../../../src/platform/jobs/outbox-job.js';
import {
  makeClaimedJobsDue,
  claimDueJobs,
  REPUBLISH_AFTER_MS,
  unclaimJobs,
} from '../../../src/platform/jobs/publish-outbox.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.db.run(sql`truncate outbox`));

const noon = new Date('2026-11-22T12:00:00Z');
const later = (seconds: number) => new Date(noon.getTime() + seconds * 1000);

const enqueueNotice = (dueAt = noon) =>
  database.db.transaction((tx) => enqueue(tx, 'send-notice', { noticeId: randomUUID() }, noon, dueAt));

describe('the outbox', () => {
  test('has no job of a transaction that was rolled back', async () => {
    const { db } = database;
    const failing = db.transaction(async (tx) => {
      await enqueue(tx, 'sweep', {}, noon);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await claimDueJobs(db, later(3600), 10)).toEqual([]);
  });

  test('claims a row when it is due and not before', async () => {
    await enqueueNotice(later(30));
    expect(await claimDueJobs(database.db, later(29), 10)).toEqual([]);
    expect(await claimDueJobs(database.db, later(30), 10)).toMatchObject([
      { name: 'send-notice', publishCount: 1 },
    ]);
  });

  test('claims a row again a minute later, unless it was finished', async () => {
    const { db } = database;
    await enqueueNotice();
    await enqueueNotice();
    const [first, second] = await claimDueJobs(db, noon, 10);
    expect(await claimDueJobs(db, later(59), 10)).toEqual([]);
    await deleteFinishedJob(db, first?.outboxId ?? 0);
    expect(await claimDueJobs(db, later(60), 10)).toEqual([{ ...second, publishCount: 2 }]);
  });

  test('gives each row to one of many relays that ask at once', async () => {
    const { db } = database;
    const payloads = Array.from({ length: 200 }, () => ({ noticeId: randomUUID() }));
    await db.transaction((tx) => enqueueAll(tx, 'send-notice', payloads, noon));
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claimDueJobs(db, noon, 50)))).flat();
    expect(new Set(claimed.map((job) => job.outboxId)).size).toBe(claimed.length);
    expect(claimed.length + (await claimDueJobs(db, noon, 500)).length).toBe(200);
  });

  test('takes the oldest first and no more than asked for', async () => {
    await enqueueNotice(later(2));
    await enqueueNotice(later(1));
    const [oldest] = await claimDueJobs(database.db, later(60), 1);
    const [next] = await claimDueJobs(database.db, later(60), 1);
    expect(oldest?.outboxId).toBeGreaterThan(next?.outboxId ?? Infinity);
  });

  test('claims only the names asked for', async () => {
    const { db } = database;
    await db.transaction((tx) => enqueue(tx, 'sweep', {}, noon));
    await enqueueNotice();
    expect(await claimDueJobs(db, noon, 10, { only: ['send-notice'] })).toMatchObject([
      { name: 'send-notice' },
    ]);
  });

  test('a row the queue did not take is due again as if it had not been claimed', async () => {
    const { db } = database;
    await enqueueNotice();
    const jobs = await claimDueJobs(db, noon, 10);
    await unclaimJobs(db, jobs, later(2));
    expect(await claimDueJobs(db, later(2), 10)).toEqual(jobs);
  });

  test('a row whose handler failed waits', async () => {
    const { db } = database;
    await enqueueNotice();
    const [job] = await claimDueJobs(db, noon, 10);
    await postponeJob(db, job?.outboxId ?? 0, noon, 5_000);
    expect(await claimDueJobs(db, later(4), 10)).toEqual([]);
    expect(await claimDueJobs(db, later(5), 10)).toMatchObject([{ publishCount: 2 }]);
  });

  test('a job can be read until it is finished', async () => {
    const { db } = database;
    const noticeId = randomUUID();
    await db.transaction((tx) => enqueue(tx, 'send-notice', { noticeId }, noon));
    const id = (await claimDueJobs(db, noon, 1))[0]?.outboxId ?? 0;
    const job = {
      name: 'send-notice',
      payload: { noticeId },
      publishCount: 1,
      dueAt: later(60),
      createdAt: noon,
    };
    expect(await readJob(db, id)).toEqual(job);
    await deleteFinishedJob(db, id);
    expect(await readJob(db, id)).toBeUndefined();
  });

  test('the row of a running job is not claimed', async () => {
    const { db } = database;
    await enqueueNotice();
    const id = (await claimDueJobs(db, noon, 1))[0]?.outboxId ?? 0;
    await postponeJob(db, id, later(59), REPUBLISH_AFTER_MS);
    expect(await claimDueJobs(db, later(118), 10)).toEqual([]);
    expect(await claimDueJobs(db, later(119), 10)).toHaveLength(1);
  });

  test('when the queue lost everything, claimed rows are due, and rows for later are not', async () => {
    const { db } = database;
    await enqueueNotice();
    await enqueueNotice(later(40));
    await claimDueJobs(db, noon, 10);
    expect(await makeClaimedJobsDue(db, later(1))).toBe(1);
    expect(await claimDueJobs(db, later(1), 10)).toMatchObject([{ publishCount: 2 }]);
  });

  test('enqueues only what is missing', async () => {
    const { db } = database;
    const digestId = randomUUID();
    const batches = [1, 2, 3].map((batch) => ({ digestId, batch }));
    await db.transaction((tx) => enqueue(tx, 'send-batch', { digestId, batch: 2 }, noon));
    expect(await db.transaction((tx) => enqueueMissing(tx, 'send-batch', batches, noon))).toBe(2);
    expect(await db.transaction((tx) => enqueueMissing(tx, 'send-batch', batches, noon))).toBe(0);
  });
});

describe('the wait after a failure', () => {
  test('doubles from one second to ten minutes', () => {
    const shortest = [1, 2, 3, 4].map((publishCount) => backoffMs(publishCount, undefined, 0));
    expect(shortest).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(backoffMs(50, undefined, 1)).toBe(600_000);
    expect(backoffMs(5_000, undefined, 1)).toBe(600_000);
  });

  test('is never longer than asked for, and half of it is random', () => {
    expect(backoffMs(50, 15_000, 1)).toBe(15_000);
    expect(backoffMs(50, 15_000, 0)).toBe(7_500);
  });
});
