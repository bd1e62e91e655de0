import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { connectDatabase, type Db } from '../../../src/platform/db/database.js';
import { isDatabaseReachable } from '../../../src/platform/db/ping.js';
import { sql } from '../../../src/platform/db/sql.js';
import { isDatabaseUnavailable } from '../../../src/platform/db/unavailable.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const LIMIT_MS = 600;

let database: TestDatabase;
let opened: Db[] = [];
const stopped = new Set<number>();

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.run(sql`create table things (id int primary key)`);
});
afterEach(async () => {
  for (const pid of stopped) signal(pid, 'SIGCONT');
  stopped.clear();
  for (const db of opened) await db.close();
  opened = [];
});
afterAll(() => database.close());

function connect(url = database.url, max = 4): Db {
  const db = connectDatabase(url, () => {}, max, { connectLimitMs: LIMIT_MS, statementLimitMs: LIMIT_MS });
  opened.push(db);
  return db;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

async function stopBackend(queries: Pick<Db, 'one'>): Promise<void> {
  const { pid } = await queries.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  signal(pid, 'SIGSTOP');
  stopped.add(pid);
}

/** What it failed with, and after how many milliseconds. */
async function failure(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const began = performance.now();
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, ms: performance.now() - began };
}

test('a server that takes connections and says nothing is given up after the limit', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const db = connect(`postgres://nobody@127.0.0.1:${(silent.address() as AddressInfo).port}/none`);
  const { error, ms } = await failure(db.run(sql`select 1`));
  expect([isDatabaseUnavailable(error), ms < 4 * LIMIT_MS]).toEqual([true, true]);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('who waits for a connection while all are in use gives up after the limit', async () => {
  const db = connect(database.url, 1);
  await db.transaction(async () => {
    const { error, ms } = await failure(db.run(sql`select 1`));
    expect([isDatabaseUnavailable(error), ms < 4 * LIMIT_MS]).toEqual([true, true]);
  });
  expect(await db.run(sql`select 1`)).toBe(1);
});

test('a stopped backend costs one limit, in a transaction too, and its connection is thrown away', async () => {
  const db = connect();
  await stopBackend(db);
  const alone = await failure(db.run(sql`select 1`));
  expect([isDatabaseUnavailable(alone.error), alone.ms < 2 * LIMIT_MS]).toEqual([true, true]);
  const inside = await failure(
    db.transaction(async (tx) => {
      await stopBackend(tx);
      // Even where the first failure is swallowed nothing waits a second time.
      await tx.run(sql`insert into things values (1)`).catch(() => {});
      await tx.run(sql`insert into things values (2)`);
    }),
  );
  expect([isDatabaseUnavailable(inside.error), inside.ms < 2 * LIMIT_MS]).toEqual([true, true]);
  expect(await db.one(sql`select count(*) from things`)).toEqual({ count: 0 });
  expect(db.pool.totalCount).toBe(1);
});

test('a statement that takes too long is ended by the server, and its connection stays', async () => {
  const db = connect(database.url, 1);
  const { pid } = await db.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  const { error, ms } = await failure(db.transaction((tx) => tx.run(sql`select pg_sleep(20)`)));
  expect(error).toMatchObject({ code: '57014' });
  expect([isDatabaseUnavailable(error), ms < 2 * LIMIT_MS]).toEqual([true, true]);
  expect(await db.one(sql`select pg_backend_pid() as pid`)).toEqual({ pid });
});

test('a transaction that needs longer has longer, and the next one has not', async () => {
  const db = connect(database.url, 1);
  const sleep = sql`select pg_sleep(${(2 * LIMIT_MS) / 1000})`;
  expect(await db.transaction((tx) => tx.run(sleep), { statementLimitMs: 20_000 })).toBe(1);
  expect((await failure(db.transaction((tx) => tx.run(sleep)))).error).toMatchObject({ code: '57014' });
});

test('thirty seconds and five are what a process waits', async () => {
  const db = connectDatabase(database.url, () => {});
  opened.push(db);
  expect(db.pool.options).toMatchObject({
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    keepAlive: true,
  });
  expect(await db.one(sql`select current_setting('statement_timeout') as limit`)).toEqual({ limit: '29s' });
});

test('whether Postgres answers is known within seconds', async () => {
  const db = connectDatabase(database.url, () => {}, 1);
  opened.push(db);
  await stopBackend(db);
  const began = performance.now();
  expect(await isDatabaseReachable(db)).toBe(false);
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('what is wrong with a statement is not taken for a database that is away', async () => {
  for (const statement of [sql`select 1/0`, sql`select nothing`, sql`insert into things values (null)`])
    expect(isDatabaseUnavailable((await failure(database.db.run(statement))).error)).toBe(false);
  expect(isDatabaseUnavailable(new TypeError('Cannot read'))).toBe(false);
});
