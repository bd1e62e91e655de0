import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../src/platform/durations.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { describeOnRedis, startTestRedis, type TestRedis } from '../support/test-redis.js';
import { createLatch, createMemoryLog, sampleJobs, openTestWorker, type TestWorker } from './test-worker.js';
import { waitUntil } from '../support/wait-until.js';

describeOnRedis(() => {
  let worker: TestWorker;
  let redis: TestRedis;
  beforeEach(async () => {
    worker = await openTestWorker('redis');
    if (worker.redis === undefined) throw new Error('this worker has no Redis');
    redis = worker.redis;
  });
  afterEach(() => worker.close());

  const enqueueOneOfEach = async () => {
    const jobs = sampleJobs();
    await worker.database.db.transaction(async (tx) => {
      for (const job of jobs) await enqueue(tx, job.name, job.payload, worker.now());
    });
    return jobs.map((job) => job.name).sort();
  };
  const listUnpublished = () => worker.database.db.many(sql`select id from outbox where publish_count = 0`);
  const isOutboxEmpty = async () => (await worker.database.db.many(sql`select id from outbox`)).length === 0;
  /** Relay and workers have reached Redis: a job has run. */
  const waitUntilConnected = async () => {
    await worker.database.db.transaction((tx) => enqueue(tx, 'purge', {}, worker.now()));
    await waitUntil(isOutboxEmpty);
    worker.runs.length = 0;
  };
  const logged = (event: string) => worker.logLines.filter((line) => line.event === event);

  test('stopping is not held up by a Redis that is down', async () => {
    const relay = worker.startRelay();
    const workers = worker.startWorkers();
    await waitUntilConnected();
    await redis.kill();
    await waitUntil(() => logged('queue.unavailable').length > 0);
    const before = performance.now();
    await Promise.all([relay.stop(), workers.stop()]);
    await worker.queue.close();
    expect(performance.now() - before).toBeLessThan(7_000);
  });

  test('jobs of every name run although Redis lost everything after they were published', async () => {
    const relay = worker.startRelay();
    const names = await enqueueOneOfEach();
    await waitUntil(async () => (await listUnpublished()).length === 0);
    await relay.stop();
    await redis.command('flushall');
    worker.startWorkers();
    await sleep(300);
    expect(worker.runs).toEqual([]);
    worker.startRelay();
    await waitUntil(isOutboxEmpty, 15_000);
    expect(worker.runs.map((run) => run.name).sort()).toEqual(names);
  });

  test('a job that was running when Redis lost everything runs to its end, once', async () => {
    const finished = createLatch();
    let started = 0;
    worker.startRelay();
    worker.startWorkers({ sweep: () => (started++, finished.opened) });
    await worker.database.db.transaction((tx) => enqueue(tx, 'sweep', {}, worker.now()));
    await waitUntil(() => started === 1);
    await redis.command('flushall');
    const { db } = worker.database;
    await waitUntil(
      async () => (await db.many(sql`select id from outbox where publish_count > 1`)).length > 0,
    );
    await sleep(200); // a worker would have received it again by now
    finished.open();
    await waitUntil(isOutboxEmpty);
    expect(started).toBe(1);
  });

  test('jobs enqueued while Redis is down run when it is back, and the log says so once', async () => {
    worker.startRelay();
    worker.startWorkers();
    await waitUntilConnected();
    await redis.kill();
    const names = await enqueueOneOfEach();
    await sleep(2_500); // the relay tries again after 2 s
    expect(worker.runs).toEqual([]);
    expect(logged('queue.unavailable')).toHaveLength(1);
    expect(logged('outbox-relay.unavailable')).toHaveLength(1);
    expect(await worker.queue.findFault()).toEqual(expect.any(String));
    await redis.start();
    await waitUntil(isOutboxEmpty, 20_000);
    expect(worker.runs.map((run) => run.name).sort()).toEqual(names);
    expect(worker.logLines.length).toBeLessThan(6);
  });

  test.each([
    [
      'full',
      /^Redis is full\. .*maxmemory/,
      ['config', 'set', 'maxmemory', '1'],
      ['config', 'set', 'maxmemory', '0'],
    ],
    [
      'a read-only copy',
      /^This Redis is a read-only copy\. .*REDIS_URL/,
      ['replicaof', '127.0.0.1', '1'],
      ['replicaof', 'no', 'one'],
    ],
  ])(
    'of a Redis that is %s the log and /readyz say so in our words, and when it is mended every job runs',
    async (_, sentence, [break_ = '', ...how], [mend = '', ...back]) => {
      worker.startRelay();
      worker.startWorkers();
      await waitUntilConnected();
      await redis.command(break_, ...how);
      const names = await enqueueOneOfEach();
      await waitUntil(() => logged('outbox-relay.unavailable').length > 0);
      expect(logged('outbox-relay.unavailable')).toEqual([
        expect.objectContaining({ level: 'warn', reason: expect.stringMatching(sentence) }),
      ]);
      for (const { reason } of logged('queue.unavailable')) expect(reason).toMatch(sentence);
      expect(await worker.queue.findFault()).toMatch(sentence);
      expect(worker.runs).toEqual([]);
      await redis.command(mend, ...back);
      await waitUntil(isOutboxEmpty, 20_000);
      expect(worker.runs.map((run) => run.name).sort()).toEqual(names);
      expect(await worker.queue.findFault()).toBeUndefined();
      expect(worker.logLines.length).toBeLessThan(6);
    },
  );

  test('a Redis that evicts is warned of once, and the jobs that it drops run all the same', async () => {
    await redis.command('config', 'set', 'maxmemory-policy', 'allkeys-lru');
    const { log, lines } = createMemoryLog();
    const queue = await connectQueue({ redisUrl: redis.url, databaseUrl: '', log });
    const evicts = () => lines.filter(({ event }) => event === 'queue.evicts');
    await waitUntil(() => evicts().length > 0);
    await redis.command('client', 'kill', 'type', 'normal');
    await waitUntil(async () => (await queue.findFault()) === undefined);
    expect(evicts()).toMatchObject([{ level: 'warn', says: expect.stringContaining('allkeys-lru') }]);
    await queue.close();

    const relay = worker.startRelay();
    const names = await enqueueOneOfEach();
    await waitUntil(async () => (await listUnpublished()).length === 0);
    await relay.stop();
    const listJobs = async () => (await redis.command('keys', 'paperround:*:o-*')) as string[];
    expect(await listJobs()).toHaveLength(names.length);
    await redis.command('config', 'set', 'maxmemory', '4mb');
    for (let key = 0; key < 50; key++) await redis.command('setrange', `other:${key}`, '200000', 'x');
    expect((await listJobs()).length).toBeLessThan(names.length);
    worker.startWorkers();
    worker.startRelay();
    worker.clock.aheadMs = MINUTE_MS;
    await waitUntil(isOutboxEmpty, 20_000);
    expect(new Set(worker.runs.map((run) => run.name))).toEqual(new Set(names));
  });

  test('a row that Redis did not take counts as never published', async () => {
    await redis.kill();
    worker.startRelay();
    await enqueueOneOfEach();
    await waitUntil(() => logged('outbox-relay.unavailable').length === 1);
    await waitUntil(async () => (await listUnpublished()).length === sampleJobs().length);
  });

  test('publishing fails quickly while Redis is down', async () => {
    await redis.kill();
    const before = performance.now();
    const job = { outboxId: 1, publishCount: 1, name: 'sweep' };
    await expect(worker.queue.add('digests', [job])).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(3_500);
  });

  test('a process that starts while Redis is down works when it is back', async () => {
    const other = await startTestRedis();
    await other.kill();
    const { log, lines } = createMemoryLog();
    const queue = await connectQueue({ redisUrl: other.url, databaseUrl: worker.database.url, log });
    const received: number[] = [];
    const queueWorker = queue.startWorker('digests', 1, async (id) => void received.push(id));
    await expect(queue.add('digests', [{ outboxId: 1, publishCount: 1, name: 'sweep' }])).rejects.toThrow();
    await other.start();
    await waitUntil(async () => (await queue.findFault()) === undefined);
    await queue.add('digests', [{ outboxId: 2, publishCount: 1, name: 'sweep' }]);
    await waitUntil(() => received.length === 1);
    expect(received).toEqual([2]);
    expect(lines.filter((line) => line.event === 'queue.unavailable')).toHaveLength(1);
    await queueWorker.close();
    await queue.close();
    await other.kill();
  });
});
