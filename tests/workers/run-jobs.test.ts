import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { jobNames } from '../../src/platform/jobs/definitions.js';
import { enqueue, enqueueAll, claimDueJobs } from '../../src/platform/jobs/outbox.js';
import { connectQueue } from '../../src/platform/jobs/queue.js';
import { describeEachBackend } from '../support/test-redis.js';
import { createLatch, sampleJobs, openTestWorker, waitUntil, type TestWorker } from './test-worker.js';

const MINUTE_MS = 60_000;

describeEachBackend((backend) => {
  let house: TestWorker;
  beforeEach(async () => {
    house = await openTestWorker(backend);
  });
  afterEach(() => house.close());

  const promiseNotices = async (count: number) => {
    const payloads = Array.from({ length: count }, () => ({ noticeId: randomUUID() }));
    await house.database.db.transaction((tx) => enqueueAll(tx, 'send-notice', payloads, house.now()));
    return payloads;
  };
  const promised = () =>
    house.database.db.many<{ publishCount: number }>(sql`select publish_count from outbox order by id`);
  /** How long each row still waits, in milliseconds. */
  const waits = async () => {
    const rows = await house.database.db.many<{ dueAt: Date }>(sql`select due_at from outbox`);
    return rows.map((row) => row.dueAt.getTime() - house.now().getTime());
  };
  const nothingIsPromised = async () => (await promised()).length === 0;

  test('every kind of job runs once, with its payload, and is gone', async () => {
    const jobs = sampleJobs();
    expect(jobs.map((job) => job.name).sort()).toEqual([...jobNames].sort());
    await house.database.db.transaction(async (tx) => {
      for (const job of jobs) await enqueue(tx, job.name, job.payload, house.now());
    });
    house.startRelay();
    house.startWorkers();
    await waitUntil(nothingIsPromised);
    const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
    expect(house.runs.sort(byName)).toEqual(jobs.sort(byName));
  });

  test('a promise made in a transaction that was rolled back never runs', async () => {
    house.startRelay();
    house.startWorkers();
    const failing = house.database.db.transaction(async (tx) => {
      await enqueue(tx, 'send-notice', { noticeId: randomUUID() }, house.now());
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const [kept] = await promiseNotices(1);
    await waitUntil(nothingIsPromised);
    expect(house.runs).toEqual([{ name: 'send-notice', payload: kept }]);
  });

  test('a job whose ring was lost between the outbox and the queue runs a minute later', async () => {
    const [payload] = await promiseNotices(1);
    await claimDueJobs(house.database.db, house.now(), 10);
    await house.queue.hasLostJobs();
    house.startRelay();
    house.startWorkers();
    await sleep(600);
    expect(house.runs).toEqual([]);
    house.clock.aheadMs = MINUTE_MS;
    await waitUntil(nothingIsPromised);
    expect(house.runs).toEqual([{ name: 'send-notice', payload }]);
  });

  test('a job whose process was killed in the middle runs again elsewhere', async () => {
    const [payload] = await promiseNotices(1);
    const script = fileURLToPath(new URL('./hanging-worker-child.ts', import.meta.url));
    const addresses = [house.database.url, ...(house.redis === undefined ? [] : [house.redis.url])];
    const doomed = spawn(process.execPath, ['--import', 'tsx', script, ...addresses], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(doomed.stdout, 'data');
    const died = once(doomed, 'exit');
    doomed.kill('SIGKILL');
    await died;
    house.clock.aheadMs = MINUTE_MS;
    house.startRelay();
    house.startWorkers();
    await waitUntil(nothingIsPromised, 20_000);
    expect(house.runs).toEqual([{ name: 'send-notice', payload }]);
  });

  test('a job whose handler throws is kept, waits, and runs again', async () => {
    const { clock, logLines } = house;
    clock.stoppedAt = Date.now();
    let failures = 2;
    house.startRelay();
    house.startWorkers({
      'send-notice': async () => {
        if (failures-- > 0) throw new Error('mailbox of reader@example.com is on fire');
      },
    });
    await promiseNotices(1);
    for (const shortestMs of [1_000, 2_000]) {
      let waitMs = 0;
      await waitUntil(async () => {
        [waitMs = 0] = await waits();
        return waitMs > 0 && waitMs < MINUTE_MS;
      });
      expect(waitMs).toBeGreaterThanOrEqual(shortestMs);
      expect(waitMs).toBeLessThanOrEqual(2 * shortestMs);
      clock.aheadMs += waitMs;
    }
    await waitUntil(nothingIsPromised);
    const failed = logLines.filter((line) => line.event === 'job.failed');
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatchObject({
      name: 'send-notice',
      outboxId: 1,
      reason: 'mailbox of …@… is on fire',
    });
    expect(JSON.stringify(logLines)).not.toContain('reader@example.com');
  });

  test('two relays ring once for a row, and two workers run it once', async () => {
    house.startWorkers();
    house.startWorkers();
    const payloads = await promiseNotices(150);
    house.startRelay();
    house.startRelay();
    await waitUntil(nothingIsPromised);
    expect(house.runs).toHaveLength(150);
    expect(new Set(house.runs.map((run) => JSON.stringify(run.payload))).size).toBe(payloads.length);
  });

  test('several processes may start at once', async () => {
    const options = { redisUrl: house.redis?.url, databaseUrl: house.database.url, log: house.log };
    await house.database.db.run(sql`drop schema if exists bullmq cascade`);
    const queues = await Promise.all([1, 2, 3, 4].map(() => connectQueue(options)));
    expect(await Promise.all(queues.map((queue) => queue.ping()))).toEqual([true, true, true, true]);
    await Promise.all(queues.map((queue) => queue.close()));
  });

  test('a long job is not started again, here or elsewhere, while it runs', async () => {
    const finished = createLatch();
    let started = 0;
    const slow = () => {
      started++;
      return finished.opened;
    };
    house.startWorkers({ 'send-notice': slow }, 1_000);
    house.startWorkers({ 'send-notice': slow }, 1_000);
    house.startRelay(1_000);
    await promiseNotices(1);
    await waitUntil(() => started === 1);
    await sleep(2_500);
    expect(started).toBe(1);
    finished.open();
    await waitUntil(nothingIsPromised);
  });

  test('a row offered twice runs once in one process, and not again when it is finished', async () => {
    const finished = createLatch();
    let started = 0;
    house.startWorkers({ 'send-notice': () => (started++, finished.opened) });
    await promiseNotices(1);
    const [offer] = await claimDueJobs(house.database.db, house.now(), 1);
    if (offer === undefined) throw new Error('nothing was due');
    await house.queue.add('notices', [offer, { ...offer, publishCount: 2 }]);
    await waitUntil(() => started > 0);
    await sleep(300);
    finished.open();
    await waitUntil(nothingIsPromised);
    await house.queue.add('notices', [{ ...offer, publishCount: 3 }]);
    await sleep(300);
    expect(started).toBe(1);
  });

  test('a job this version does not understand is kept and told', async () => {
    const { db } = house.database;
    const due = house.now();
    await db.run(sql`
      insert into outbox (name, payload, due_at, created_at)
      values ('paint-house', '{}', ${due}, ${due}), ('send-notice', '{"noticeId": "reader@example.com"}', ${due}, ${due})
    `);
    house.startRelay();
    house.startWorkers();
    const patient = (waitMs: number) => waitMs > 9 * MINUTE_MS && waitMs <= 10 * MINUTE_MS;
    await waitUntil(async () => (await waits()).filter(patient).length === 2);
    expect(house.logLines.filter((line) => line.event === 'job.refused')).toHaveLength(2);
    expect(house.runs).toEqual([]);
    expect(JSON.stringify(house.logLines)).not.toContain('reader@example.com');
  });

  test('nothing stays behind in the queue after 200 jobs, failed ones among them', async () => {
    let failures = 20;
    house.startWorkers({
      'send-notice': async () => {
        if (failures-- > 0) throw new Error('not now');
      },
    });
    await promiseNotices(200);
    house.startRelay();
    await waitUntil(() => house.logLines.filter((line) => line.event === 'job.failed').length === 20);
    house.clock.aheadMs = 10_000;
    await waitUntil(nothingIsPromised);
    await waitUntil(async () => (await leftBehind(house)).length === 0, 2_000);
  });

  test('stopping waits for the running job and starts no other', async () => {
    const finished = createLatch();
    let started = 0;
    const workers = house.startWorkers({ 'plan-due': () => (started++, finished.opened) });
    const relay = house.startRelay();
    await house.database.db.transaction((tx) => enqueue(tx, 'plan-due', {}, house.now()));
    await waitUntil(() => started === 1);
    let stopped = false;
    const stopping = workers.stop().then(() => (stopped = true));
    await promiseNotices(1);
    await sleep(600);
    expect(stopped).toBe(false);
    finished.open();
    await stopping;
    await relay.stop();
    expect(house.runs).toEqual([]);
    expect(await promised()).toHaveLength(1);
  });

  test('stopping waits no longer than its grace', async () => {
    const finished = createLatch();
    let started = 0;
    const workers = house.startWorkers({ 'send-notice': () => (started++, finished.opened) });
    const relay = house.startRelay();
    await promiseNotices(1);
    await waitUntil(() => started === 1);
    const before = performance.now();
    await workers.stop(300);
    await relay.stop();
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(await promised()).toHaveLength(1);
    finished.open();
  });

  test('says whether it can be reached', async () => {
    expect(house.queue.backend).toBe(backend);
    expect(await house.queue.ping()).toBe(true);
  });
});

async function leftBehind({ database, redis }: TestWorker): Promise<unknown[]> {
  if (redis !== undefined) {
    const keys = (await redis.command('keys', '*')) as string[];
    return keys.filter((key) => !/:(meta|marker|stalled-check|remembers|id|events)$/.test(key));
  }
  const tables = await database.db.many<{ name: string }>(sql`
    select relname as name from pg_stat_user_tables where schemaname = 'bullmq'
  `);
  expect(tables.map((table) => table.name)).toContain('job');
  const jobs = await database.db.many(sql`select id from bullmq.job`);
  const { count } = await database.db.one<{ count: number }>(sql`select count(*) from bullmq.event`);
  return [...jobs, ...(count < 600 ? [] : [`${count} events`])];
}
