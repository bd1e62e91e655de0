import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Db } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { connectQueue } from '../../../src/platform/jobs/connect-queue.js';
import type { JobQueue } from '../../../src/platform/jobs/queue.js';
import { findMailHold, releaseMailHold } from '../../../src/platform/restore/installation.js';
import { createRestoreCheck } from '../../../src/platform/restore/restore-check.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startTestRedis } from '../../support/test-redis.js';
import { createMemoryLog } from '../../workers/test-worker.js';

const { log, lines } = createMemoryLog();
let dataDir: string;
let closing: (() => Promise<unknown>)[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'paperround-restore-'));
  closing = [];
  lines.length = 0;
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** All test databases are copies of one, so a new one is an older copy of each that has been used. */
async function openDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  closing.push(database.close);
  return database;
}

async function openQueue(redisUrl: string | undefined, databaseUrl: string): Promise<JobQueue> {
  const queue = await connectQueue({ redisUrl, databaseUrl, log });
  closing.push(queue.close);
  return queue;
}

const noStore = { readCounter: async () => 0, raiseCounter: async () => {} };
const openCheck = (db: Db, elsewhere: JobQueue['counters'] = noStore, dir = dataDir) =>
  createRestoreCheck({ db, log, now: () => new Date(), dataDir: dir, elsewhere });

const reasonOf = async (db: Db) => (await findMailHold(db))?.heldReason;

test('a database that is used, left and used again holds nothing, whatever dies in between', async () => {
  const { db } = await openDatabase();
  for (let run = 0; run < 3; run++) {
    const check = openCheck(db);
    await check.compare();
    expect(await Promise.all(Array.from({ length: 20 }, () => check.count()))).toEqual(
      Array.from({ length: 20 }, () => true),
    );
    await check.compare();
  }
  expect([await findMailHold(db), lines]).toEqual([undefined, []]);
});

test('two workers of one data directory do not take each other’s counts for a restore', async () => {
  const { db } = await openDatabase();
  const checks = [openCheck(db), openCheck(db)];
  for (const check of checks) await check.compare();
  const counted = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const check = checks[at % 2];
      await check?.compare();
      return check?.count();
    }),
  );
  expect(new Set(counted)).toEqual(new Set([true]));
  expect(await findMailHold(db)).toBeUndefined();
});

test('an older copy is noticed by the data directory at the start', async () => {
  const used = openCheck((await openDatabase()).db);
  await used.compare();
  await used.count();
  const { db } = await openDatabase();
  const check = openCheck(db);
  await check.compare();
  expect([await reasonOf(db), await check.count()]).toEqual(['older', false]);
  expect(lines).toMatchObject([{ event: 'database.restored', reason: 'older', level: 'warn' }]);
});

test('an older copy is noticed by Redis where the data directory is new', async () => {
  const redis = await startTestRedis();
  closing.push(() => redis.kill());
  const first = await openDatabase();
  const used = openCheck(first.db, (await openQueue(redis.url, first.url)).counters);
  await used.compare();
  await used.count();
  const { db, url } = await openDatabase();
  await openCheck(db, (await openQueue(redis.url, url)).counters, join(dataDir, 'new')).compare();
  expect(await reasonOf(db)).toBe('older');
});

test('a database that is restored under a running worker is noticed before the next mail', async () => {
  const { db } = await openDatabase();
  const check = openCheck(db);
  await check.compare();
  for (let counts = 0; counts < 3; counts++) await check.count();
  await db.run(sql`update installation set counter = counter - 1`);
  expect([await check.count(), await reasonOf(db)]).toEqual([false, 'older']);
});

test('a copy in another Postgres cluster is noticed', async () => {
  const { db } = await openDatabase();
  await openCheck(db).compare();
  await db.run(sql`update installation set system_identifier = '7000000000000000001'`);
  await openCheck(db).compare();
  expect(await reasonOf(db)).toBe('copy');
});

test('an up-to-date standby that takes over is no restore', async () => {
  const { db } = await openDatabase();
  const check = openCheck(db);
  await check.compare();
  await check.count();
  // It has all that was committed, and the same system identifier.
  await openCheck(db).compare();
  expect(await findMailHold(db)).toBeUndefined();
});

test('a new database beside an old data directory begins to count anew', async () => {
  const used = openCheck((await openDatabase()).db);
  await used.compare();
  await used.count();
  const { db } = await openDatabase();
  await db.run(sql`update installation set id = gen_random_uuid()`);
  const check = openCheck(db);
  await check.compare();
  expect([await findMailHold(db), await check.count()]).toEqual([undefined, true]);
});

test('a role that may not read the system identifier goes without it', async () => {
  const { db } = await openDatabase();
  await db.run(sql`revoke execute on function pg_control_system() from public`);
  const check = openCheck(db);
  await check.compare();
  expect(await check.count()).toBe(true);
  await db.run(sql`grant execute on function pg_control_system() to public`);
});

test('an operator’s decision holds, also when the same copy is restored once more', async () => {
  const used = openCheck((await openDatabase()).db);
  await used.compare();
  await used.count();
  for (let restores = 0; restores < 2; restores++) {
    const { db } = await openDatabase();
    const check = openCheck(db);
    await check.compare();
    expect(await reasonOf(db)).toBe('older');
    await db.transaction((tx) => releaseMailHold(tx));
    await check.compare();
    expect([await findMailHold(db), await check.count()]).toEqual([undefined, true]);
    await openCheck(db).compare();
    expect(await findMailHold(db)).toBeUndefined();
  }
});

test('an operator who says so holds mail where no counter survived', async () => {
  const { db } = await openDatabase();
  const check = openCheck(db);
  await check.compare();
  await check.hold();
  expect([await reasonOf(db), await check.count()]).toEqual(['said', false]);
});
