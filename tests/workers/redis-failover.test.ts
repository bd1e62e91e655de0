import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { startOutboxRelay } from '../../workers/outbox-relay.js';
import { startWorkers } from '../../workers/run-jobs.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { describeOnRedis, startTestRedis, type TestRedis } from '../support/test-redis.js';
import { waitUntil } from '../support/wait-until.js';
import { createMemoryLog, handleEveryJob } from './test-worker.js';

/** A host name whose address changes: connections that are open stay with the server they were made to. */
async function openMovingAddress(): Promise<{ url: string; lead(to: TestRedis): void; close(): void }> {
  let port = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => void (port = Number(new URL(to.url).port)),
    close: () => server.close(),
  };
}

describeOnRedis(() => {
  let database: TestDatabase;
  let servers: TestRedis[];
  beforeEach(async () => {
    database = await createTestDatabase();
    servers = await Promise.all([startTestRedis(), startTestRedis()]);
  });
  afterEach(async () => {
    for (const one of servers) await one.kill();
    await database.close();
  });

  test('after a failover by name jobs go to the new primary, although the old one still answers as a copy', async () => {
    const [old, promoted] = servers as [TestRedis, TestRedis];
    const address = await openMovingAddress();
    address.lead(old);
    const { log } = createMemoryLog();
    const queue = await connectQueue({ redisUrl: address.url, databaseUrl: database.url, log });
    const { db } = database;
    const now = () => new Date();
    let runs = 0;
    const handlers = handleEveryJob(async () => void (runs += 1));
    const relay = startOutboxRelay({ db, queue, log, now });
    const workers = startWorkers({ db, queue, log, now, handlers });
    const runOne = async () => {
      await db.transaction((tx) => enqueue(tx, 'purge', {}, now()));
      await waitUntil(async () => (await db.many(sql`select id from outbox`)).length === 0, 20_000);
    };
    await runOne();
    address.lead(promoted);
    await old.command('replicaof', '127.0.0.1', new URL(promoted.url).port);
    await runOne();
    expect(runs).toBe(2);
    expect(await queue.findFault()).toBeUndefined();
    await relay.stop();
    await workers.stop();
    await queue.close();
    address.close();
  });
});
