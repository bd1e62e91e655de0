import { afterEach, describe, expect, test } from '@jest/globals';
import { createRateLimit } from '../../../src/http/middleware/rate-limit.js';
import { connectDatabase, type Db } from '../../../src/platform/db/database.js';
import { migrate } from '../../../src/platform/db/migrate.js';
import { raw, sql } from '../../../src/platform/db/sql.js';
import { connectQueue } from '../../../src/platform/jobs/connect-queue.js';
import { createLog } from '../../../src/platform/log.js';
import { startWebServer } from '../../http/start-web-server.js';
import { countRows, post, readMails } from '../../support/reader-actions.js';
import { openTestApp } from '../../support/test-app.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { hasPgbouncer, startPgbouncer } from '../../support/test-pgbouncer.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function through(
  database: { url: string },
  mode: 'transaction' | 'session' = 'transaction',
): Promise<string> {
  const pooler = await startPgbouncer(database.url, mode);
  ends.push(pooler.stop);
  return pooler.url;
}

async function opened(create: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await create();
  ends.push(database.close);
  return database;
}

function connect(url: string): Db {
  const db = connectDatabase(url, () => {});
  ends.push(db.close);
  return db;
}

const setting = ({ db, url }: TestDatabase, name: string, value: string) =>
  db.run(sql`alter database ${raw(new URL(url).pathname.slice(1))} set ${raw(name)} = ${raw(`'${value}'`)}`);

const describePooled = hasPgbouncer ? describe : describe.skip;

describePooled(`behind PgBouncer${hasPgbouncer ? '' : ' (skipped: it is not installed)'}`, () => {
  test('in transaction mode, pages, sign-ups and rate limits work, on several sessions of Postgres', async () => {
    const testApp = await openTestApp();
    ends.push(testApp.close);
    await testApp.createPublication();
    const { name } = await testApp.context.db.one<{ name: string }>(sql`select current_database() as name`);
    const server = new URL(process.env['PAPERROUND_TEST_DATABASE_URL'] ?? '');
    server.pathname = `/${name}`;
    const url = await through({ url: server.toString() });
    expect(await migrate(url)).toEqual([]);
    const db = connect(url);
    const web = await startWebServer({ ...testApp.context, db }, testApp.keys);
    ends.push(web.close);
    const emails = Array.from({ length: 30 }, (_, at) => `reader-${at}@example.com`);
    const sent = await Promise.all(
      emails.map((email) => post(`${web.url}/lantern/subscriptions`, { email })),
    );
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([303]));
    expect(await countRows(testApp, 'requests')).toBe(30);
    const limit = createRateLimit({ db }, { keyPrefix: 'test', maxRequests: 40, windowSeconds: 60 });
    const states = await Promise.all(Array.from({ length: 50 }, () => limit('one')));
    expect(states.filter(({ kind }) => kind === 'limited')).toHaveLength(10);
    const pids = await Promise.all(
      Array.from({ length: 5 }, () =>
        db.transaction(async (tx) => {
          const { pid } = await tx.one<{ pid: number }>(
            sql`select pg_backend_pid() as pid from pg_sleep(0.1)`,
          );
          return pid;
        }),
      ),
    );
    expect(new Set(pids).size).toBeGreaterThan(1);
    await testApp.runDueJobs();
    expect(await readMails(testApp)).toHaveLength(30);
  });

  test('the queue on Postgres is refused, and what to set is said', async () => {
    const database = await opened(createTestDatabase);
    for (const mode of ['transaction', 'session'] as const)
      await expect(
        connectQueue({ databaseUrl: await through(database, mode), log: createLog('silent') }),
      ).rejects.toMatchObject({
        name: 'UserFacingError',
        message: expect.stringMatching(/needs a direct connection.*Set REDIS_URL/),
      });
  });

  test('in transaction mode, migrations are refused, and a direct connection is asked for', async () => {
    const database = await opened(createEmptyDatabase);
    await expect(migrate(await through(database))).rejects.toMatchObject({
      name: 'UserFacingError',
      message: expect.stringMatching(/pooler in transaction mode.*DATABASE_URL of the database itself/s),
    });
    expect(await database.db.many(sql`select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
    expect((await migrate(database.url)).length).toBeGreaterThan(20);
  });

  test('in session mode, migrations are applied', async () => {
    const database = await opened(createEmptyDatabase);
    expect((await migrate(await through(database, 'session'))).length).toBeGreaterThan(20);
  });

  test('in transaction mode, a setting that cannot be made for each transaction stops the start, by its name', async () => {
    const database = await opened(createTestDatabase);
    await setting(database, 'bytea_output', 'escape');
    await expect(migrate(await through(database))).rejects.toMatchObject({
      name: 'UserFacingError',
      message: expect.stringMatching(
        /bytea_output is escape \(database\).*alter database \w+ reset bytea_output/s,
      ),
    });
    expect(await migrate(database.url)).toEqual([]);
  });

  test('in transaction mode, one that PgBouncer carries along does not matter', async () => {
    const database = await opened(createTestDatabase);
    await setting(database, 'DateStyle', 'SQL, DMY');
    await setting(database, 'TimeZone', 'Asia/Kathmandu');
    const url = await through(database);
    expect(await migrate(url)).toEqual([]);
    const db = connect(url);
    const at = new Date('2026-11-03T04:05:06.789Z');
    const reads = Array.from({ length: 12 }, () =>
      db.one(sql`select ${at}::timestamptz as at, pg_sleep(0.02)::text as slept`),
    );
    for (const row of await Promise.all(reads)) expect(row).toMatchObject({ at });
  });
});
