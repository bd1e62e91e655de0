import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { connectQueue } from '../../src/platform/jobs/queue.js';
import { describeOnRedis, startTestRedis, type TestRedis } from '../support/test-redis.js';
import {
  createLatch,
  createMemoryLog,
  sampleJobs,
  openTestWorker,
  waitUntil,
  type TestWorker,
} from './test-worker.js';

describeOnRedis(() => {
  let house: TestWorker;
  let redis: TestRedis;
  beforeEach(async () => {
    house = await openTestWorker('redis');
    if (house.redis === undefined) throw new Error('this house has no Redis');
    redis = house.redis;
  });
  afterEach(() => house.close());

  const promiseOneOfEach = async () => {
    const jobs = sampleJobs();
    await house.database.db.transaction(async (tx) => {
      for (const job of jobs) await enqueue(tx, job.name, job.payload, house.now());
    });
    return jobs.map((job) => job.name).sort();
  };
  const notOffered = () => house.database.db.many(sql`select id from outbox where publish_count = 0`);
  const nothingIsPromised = async () =>
    (await house.database.db.many(sql`select id from outbox`)).length === 0;
  const named = (event: string) => house.logLines.filter((line) => line.event === event);

  test('stopping is not held up by a Redis that is down', async () => {
    const relay = house.startRelay();
    const workers = house.startWorkers();
    await sleep(300);
    await redis.kill();
    await sleep(200);
    const before = performance.now();
    await Promise.all([relay.stop(), workers.stop()]);
    await house.queue.close();
    expect(performance.now() - before).toBeLessThan(7_000);
  });

  test('jobs of every name run although Redis forgot everything after they were offered', async () => {
    const relay = house.startRelay();
    const names = await promiseOneOfEach();
    await waitUntil(async () => (await notOffered()).length === 0);
    await relay.stop();
    await redis.command('flushall');
    house.startWorkers();
    await sleep(300);
    expect(house.runs).toEqual([]);
    house.startRelay();
    await waitUntil(nothingIsPromised, 15_000);
    expect(house.runs.map((run) => run.name).sort()).toEqual(names);
  });

  test('a job that was running when Redis forgot everything runs to its end, once', async () => {
    const finished = createLatch();
    let started = 0;
    house.startRelay();
    house.startWorkers({ sweep: () => (started++, finished.opened) });
    await house.database.db.transaction((tx) => enqueue(tx, 'sweep', {}, house.now()));
    await waitUntil(() => started === 1);
    await redis.command('flushall');
    await sleep(800);
    finished.open();
    await waitUntil(nothingIsPromised);
    expect(started).toBe(1);
  });

  test('jobs promised while Redis is down run when it is back, and the log says so once', async () => {
    house.startRelay();
    house.startWorkers();
    await sleep(300);
    await redis.kill();
    const names = await promiseOneOfEach();
    await sleep(3_000);
    expect(house.runs).toEqual([]);
    expect(named('queue.unavailable')).toHaveLength(1);
    expect(named('relay.unavailable')).toHaveLength(1);
    expect(await house.queue.ping()).toBe(false);
    await redis.start();
    await waitUntil(nothingIsPromised, 20_000);
    expect(house.runs.map((run) => run.name).sort()).toEqual(names);
    expect(house.logLines.length).toBeLessThan(6);
  });

  test('a row that Redis did not take counts as never offered', async () => {
    await redis.kill();
    house.startRelay();
    await promiseOneOfEach();
    await waitUntil(() => named('relay.unavailable').length === 1);
    await waitUntil(async () => (await notOffered()).length === sampleJobs().length);
  });

  test('ringing fails quickly while Redis is down', async () => {
    await redis.kill();
    const before = performance.now();
    const offer = { outboxId: 1, publishCount: 1, name: 'sweep' };
    await expect(house.queue.add('digests', [offer])).rejects.toThrow();
    expect(performance.now() - before).toBeLessThan(3_500);
  });

  test('a process that starts while Redis is down works when it is back', async () => {
    const other = await startTestRedis();
    await other.kill();
    const { log, lines } = createMemoryLog();
    const queue = await connectQueue({ redisUrl: other.url, databaseUrl: house.database.url, log });
    const rung: number[] = [];
    const worker = queue.startWorker('digests', 1, async (id) => void rung.push(id));
    await expect(queue.add('digests', [{ outboxId: 1, publishCount: 1, name: 'sweep' }])).rejects.toThrow();
    await other.start();
    await waitUntil(() => queue.ping());
    await queue.add('digests', [{ outboxId: 2, publishCount: 1, name: 'sweep' }]);
    await waitUntil(() => rung.length === 1);
    expect(rung).toEqual([2]);
    expect(lines.filter((line) => line.event === 'queue.unavailable')).toHaveLength(1);
    await worker.close();
    await queue.close();
    await other.kill();
  });
});
