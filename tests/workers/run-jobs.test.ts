import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../src/platform/durations.js';
import { jobNames } from '../../src/platform/jobs/definitions.js';
import { enqueue, enqueueAll } from '../../src/platform/jobs/outbox.js';
import { claimDueJobs } from '../../src/platform/jobs/publish-outbox.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { describeEachBackend } from '../support/test-redis.js';
import { createLatch, sampleJobs, openTestWorker, type TestWorker } from './test-worker.js';
import { waitUntil } from '../support/wait-until.js';

describeEachBackend((backend) => {
  let worker: TestWorker;
  beforeEach(async () => {
    worker = await openTestWorker(backend);
  });
  afterEach(() => worker.close());

  const enqueueNotices = async (count: number) => {
    const payloads = Array.from({ length: count }, () => ({ noticeId: randomUUID() }));
    await worker.database.db.transaction((tx) => enqueueAll(tx, 'send-notice', payloads, worker.now()));
    return payloads;
  };
  const listOutbox = () =>
    worker.database.db.many<{ publishCount: number }>(sql`select publish_count from outbox order by id`);
  /** How long each row still waits, in milliseconds. */
  const waits = async () => {
    const rows = await worker.database.db.many<{ dueAt: Date }>(sql`select due_at from outbox`);
    return rows.map((row) => row.dueAt.getTime() - worker.now().getTime());
  };
  const isOutboxEmpty = async () => (await listOutbox()).length === 0;

  test('every kind of job runs once, with its payload, and is gone', async () => {
    const jobs = sampleJobs();
    expect(jobs.map((job) => job.name).sort()).toEqual([...jobNames].sort());
    await worker.database.db.transaction(async (tx) => {
      for (const job of jobs) await enqueue(tx, job.name, job.payload, worker.now());
    });
    worker.startRelay();
    worker.startWorkers();
    await waitUntil(isOutboxEmpty);
    const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
    expect(worker.runs.sort(byName)).toEqual(jobs.sort(byName));
  });

  test('a job enqueued in a transaction that was rolled back never runs', async () => {
    worker.startRelay();
    worker.startWorkers();
    const failing = worker.database.db.transaction(async (tx) => {
      await enqueue(tx, 'send-notice', { noticeId: randomUUID() }, worker.now());
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const [payload] = await enqueueNotices(1);
    await waitUntil(isOutboxEmpty);
    expect(worker.runs).toEqual([{ name: 'send-notice', payload }]);
  });

  test('a job that was lost between the outbox and the queue runs a minute later', async () => {
    const [payload] = await enqueueNotices(1);
    await claimDueJobs(worker.database.db, worker.now(), 10);
    await worker.queue.hasLostJobs();
    worker.startRelay();
    worker.startWorkers();
    await sleep(300); // the relay looks every 250 ms
    expect(worker.runs).toEqual([]);
    worker.clock.aheadMs = MINUTE_MS;
    await waitUntil(isOutboxEmpty);
    expect(worker.runs).toEqual([{ name: 'send-notice', payload }]);
  });

  test('a job whose process was killed in the middle runs again elsewhere', async () => {
    const [payload] = await enqueueNotices(1);
    const script = fileURLToPath(new URL('./hanging-worker-child.ts', import.meta.url));
    const addresses = [worker.database.url, ...(worker.redis === undefined ? [] : [worker.redis.url])];
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...addresses], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
    worker.clock.aheadMs = MINUTE_MS;
    worker.startRelay();
    worker.startWorkers();
    await waitUntil(isOutboxEmpty, 20_000);
    expect(worker.runs).toEqual([{ name: 'send-notice', payload }]);
  });

  test('a job whose handler throws stays, waits, and runs again', async () => {
    const { clock, logLines } = worker;
    clock.stoppedAt = Date.now();
    let failures = 2;
    worker.startRelay();
    worker.startWorkers({
      'send-notice': async () => {
        if (failures-- > 0) throw new Error('mailbox of reader@example.com is on fire');
      },
    });
    await enqueueNotices(1);
    for (const minMs of [1_000, 2_000]) {
      let waitMs = 0;
      await waitUntil(async () => {
        [waitMs = 0] = await waits();
        return waitMs > 0 && waitMs < MINUTE_MS;
      });
      expect(waitMs).toBeGreaterThanOrEqual(minMs);
      expect(waitMs).toBeLessThanOrEqual(2 * minMs);
      clock.aheadMs += waitMs;
    }
    await waitUntil(isOutboxEmpty);
    const failed = logLines.filter((line) => line.event === 'job.failed');
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatchObject({
      name: 'send-notice',
      outboxId: 1,
      reason: 'mailbox of … is on fire',
    });
    expect(JSON.stringify(logLines)).not.toContain('reader@example.com');
  });

  test('two relays publish a row once, and two workers run it once', async () => {
    worker.startWorkers();
    worker.startWorkers();
    const payloads = await enqueueNotices(150);
    worker.startRelay();
    worker.startRelay();
    await waitUntil(isOutboxEmpty);
    expect(worker.runs).toHaveLength(150);
    expect(new Set(worker.runs.map((run) => JSON.stringify(run.payload))).size).toBe(payloads.length);
  });

  test('several processes may start at once', async () => {
    const options = { redisUrl: worker.redis?.url, databaseUrl: worker.database.url, log: worker.log };
    await worker.database.db.run(sql`drop schema if exists bullmq cascade`);
    const queues = await Promise.all([1, 2, 3, 4].map(() => connectQueue(options)));
    expect(await Promise.all(queues.map((queue) => queue.findFault()))).toEqual(Array(4).fill(undefined));
    await Promise.all(queues.map((queue) => queue.close()));
  });

  test('a long job is not started again, here or elsewhere, while it runs', async () => {
    const finished = createLatch();
    let started = 0;
    const slow = () => {
      started++;
      return finished.opened;
    };
    worker.startWorkers({ 'send-notice': slow }, 1_000);
    worker.startWorkers({ 'send-notice': slow }, 1_000);
    worker.startRelay(1_000);
    await enqueueNotices(1);
    await waitUntil(() => started === 1);
    await sleep(1_500); // its row would be due again after 1 s
    expect(started).toBe(1);
    finished.open();
    await waitUntil(isOutboxEmpty);
  });

  test('a claim that cannot be extended is logged, and the job runs to its end', async () => {
    const finished = createLatch();
    let started = 0;
    const { db } = worker.database;
    worker.startWorkers({ 'send-notice': () => (started++, finished.opened) }, 300);
    const relay = worker.startRelay();
    await enqueueNotices(1);
    await waitUntil(() => started === 1);
    await relay.stop();
    await db.run(sql`alter table outbox rename to lost`);
    await waitUntil(() => worker.logLines.some((line) => line.event === 'job.claim-not-extended'));
    await db.run(sql`alter table lost rename to outbox`);
    finished.open();
    await waitUntil(isOutboxEmpty);
    expect(started).toBe(1);
  });

  test('a row published twice runs once in one process, and not again when it is finished', async () => {
    const finished = createLatch();
    let started = 0;
    worker.startWorkers({ 'send-notice': () => (started++, finished.opened) });
    await enqueueNotices(1);
    const [job] = await claimDueJobs(worker.database.db, worker.now(), 1);
    if (job === undefined) throw new Error('nothing was due');
    await worker.queue.add('notices', [job, { ...job, publishCount: 2 }]);
    await waitUntil(() => started > 0);
    await sleep(300);
    finished.open();
    await waitUntil(isOutboxEmpty);
    await worker.queue.add('notices', [{ ...job, publishCount: 3 }]);
    await sleep(300);
    expect(started).toBe(1);
  });

  test('a job this version does not know stays and is logged', async () => {
    const { db } = worker.database;
    const due = worker.now();
    await db.run(sql`
      insert into outbox (name, payload, due_at, created_at)
      values ('paint-worker', '{}', ${due}, ${due}), ('send-notice', '{"noticeId": "reader@example.com"}', ${due}, ${due})
    `);
    worker.startRelay();
    worker.startWorkers();
    const isLongWait = (waitMs: number) => waitMs > 9 * MINUTE_MS && waitMs <= 10 * MINUTE_MS;
    await waitUntil(async () => (await waits()).filter(isLongWait).length === 2);
    expect(worker.logLines.filter((line) => line.event === 'job.unknown')).toHaveLength(2);
    expect(worker.runs).toEqual([]);
    expect(JSON.stringify(worker.logLines)).not.toContain('reader@example.com');
  });

  test('nothing stays behind in the queue after 200 jobs, failed ones among them', async () => {
    let failures = 20;
    worker.startWorkers({
      'send-notice': async () => {
        if (failures-- > 0) throw new Error('not now');
      },
    });
    await enqueueNotices(200);
    worker.startRelay();
    await waitUntil(() => worker.logLines.filter((line) => line.event === 'job.failed').length === 20);
    worker.clock.aheadMs = 10_000;
    await waitUntil(isOutboxEmpty);
    await waitUntil(async () => (await listLeftovers(worker)).length === 0, 2_000);
  });

  test('stopping waits for the running job and starts no other', async () => {
    const finished = createLatch();
    let started = 0;
    const workers = worker.startWorkers({ 'plan-due': () => (started++, finished.opened) });
    const relay = worker.startRelay();
    await worker.database.db.transaction((tx) => enqueue(tx, 'plan-due', {}, worker.now()));
    await waitUntil(() => started === 1);
    let stopped = false;
    const stopping = workers.stop().then(() => (stopped = true));
    await enqueueNotices(1);
    await waitUntil(async () => (await listOutbox()).every(({ publishCount }) => publishCount > 0));
    await sleep(200); // a worker would have received it by now
    expect(stopped).toBe(false);
    finished.open();
    await stopping;
    await relay.stop();
    expect(worker.runs).toEqual([]);
    expect(await listOutbox()).toHaveLength(1);
  });

  test('stopping waits no longer than its grace', async () => {
    const finished = createLatch();
    let started = 0;
    const workers = worker.startWorkers({ 'send-notice': () => (started++, finished.opened) });
    const relay = worker.startRelay();
    await enqueueNotices(1);
    await waitUntil(() => started === 1);
    const before = performance.now();
    await workers.stop(300);
    await relay.stop();
    expect(performance.now() - before).toBeLessThan(3_000);
    expect(await listOutbox()).toHaveLength(1);
    finished.open();
  });

  test('says whether it can be reached', async () => {
    expect(worker.queue.backend).toBe(backend);
    expect(await worker.queue.findFault()).toBeUndefined();
  });
});

async function listLeftovers({ database, redis }: TestWorker): Promise<unknown[]> {
  if (redis !== undefined) {
    const keys = (await redis.command('keys', '*')) as string[];
    return keys.filter((key) => !/:(meta|marker|stalled-check|data-marker|id|events)$/.test(key));
  }
  const tables = await database.db.many<{ name: string }>(sql`
    select relname as name from pg_stat_user_tables where schemaname = 'bullmq'
  `);
  expect(tables.map((table) => table.name)).toContain('job');
  const jobs = await database.db.many(sql`select id from bullmq.job`);
  const { count } = await database.db.one<{ count: number }>(sql`select count(*) from bullmq.event`);
  return [...jobs, ...(count < 600 ? [] : [`${count} events`])];
}
