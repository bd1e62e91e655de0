import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { migrate } from '../../../src/platform/db/migrate.js';
import { raw, sql } from '../../../src/platform/db/sql.js';
import { connectQueue } from '../../../src/platform/jobs/connect-queue.js';
import { createLog } from '../../../src/platform/log.js';
import { countRows, post, readMails } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { createEmptyDatabase, type TestDatabase } from '../../support/test-database.js';
import { waitUntil } from '../../support/wait-until.js';

/** Each changes what a statement means, or what its answer looks like. */
const hostile: Record<string, string> = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-5',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  row_security: 'off',
  exit_on_error: 'on',
  search_path: 'nowhere',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  lock_timeout: '1',
  transaction_timeout: '500',
  idle_session_timeout: '300',
  statement_timeout: '5',
};
const database = (url: string) => new URL(url).pathname.slice(1);

/** For connections made from now on; those there are end. Postgres 15 and 16 have no `transaction_timeout` to set. */
async function setForDatabase(
  { db, url }: Pick<TestDatabase, 'db' | 'url'>,
  settings: typeof hostile,
): Promise<void> {
  const known = await db.many<{ name: string }>(sql`select name from pg_settings`);
  for (const [name, value] of Object.entries(settings).filter(([name]) =>
    known.some((one) => one.name === name),
  ))
    await db.run(sql`alter database ${raw(database(url))} set ${raw(name)} = ${raw(`'${value}'`)}`);
  await endConnections({ db, url });
}

async function endConnections({ db, url }: Pick<TestDatabase, 'db' | 'url'>): Promise<void> {
  await db.run(sql`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database(url)} and pid <> pg_backend_pid()
  `);
  await db.run(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => {});
}

let testApp: TestApp | undefined;
let empty: TestDatabase | undefined;

afterEach(async () => {
  await testApp?.close();
  await empty?.close();
  [testApp, empty] = [undefined, undefined];
});
beforeEach(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
});

const combinations: [string, typeof hostile][] = [
  ...Object.entries(hostile).map(([name, value]): [string, typeof hostile] => [name, { [name]: value }]),
  ['all of them at once', hostile],
];

test.each(combinations)(
  '%s, set for the database, changes nothing: a sign-up is recorded and mailed',
  async (_, settings) => {
    if (testApp === undefined) throw new Error('No application');
    const { db } = testApp.context;
    const { url } = await db
      .one<{ name: string }>(sql`select current_database() as name`)
      .then(({ name }) => ({ url: `postgres://host/${name}` }));
    await setForDatabase({ db, url }, settings);
    const form = `${testApp.url}/lantern/subscriptions`;
    // The pool finds out that its connections have ended.
    await waitUntil(async () => (await post(form, { email: 'ada@example.com' })).status === 303);
    expect(await countRows(testApp, 'requests')).toBeGreaterThan(0);
    await testApp.runDueJobs();
    expect((await readMails(testApp)).map(({ to }) => to)).toContain('ada@example.com');
  },
);

test('a database whose settings were all changed is migrated, and its queue carries jobs', async () => {
  empty = await createEmptyDatabase();
  await setForDatabase(empty, hostile);
  const applied = await migrate(empty.url);
  expect(applied.length).toBeGreaterThan(20);
  expect(await migrate(empty.url)).toEqual([]);
  const queue = await connectQueue({ databaseUrl: empty.url, log: createLog('silent') });
  const arrived: number[] = [];
  const worker = queue.startWorker('notices', 1, async (id) => void arrived.push(id));
  try {
    await queue.add('notices', [{ outboxId: 7, publishCount: 1, name: 'send-notice' }]);
    await waitUntil(() => arrived.length > 0);
    expect(arrived).toEqual([7]);
  } finally {
    await worker.close();
    await queue.close();
  }
});

test.each([
  ['default_transaction_read_only', 'on'],
  ['session_replication_role', 'replica'],
])('%s = %s, which somebody meant, stops the start and is named with the way back', async (name, value) => {
  empty = await createEmptyDatabase();
  await setForDatabase(empty, { [name]: value });
  await expect(migrate(empty.url)).rejects.toMatchObject({
    name: 'UserFacingError',
    message: expect.stringMatching(
      new RegExp(`${name} is ${value} \\(database\\).*alter database ${database(empty.url)} reset ${name}`),
    ),
  });
  expect(await empty.db.many(sql`select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
});

test('tables that were once made in another schema are still found there', async () => {
  empty = await createEmptyDatabase();
  await empty.db.run(sql`create table public.migrations (name text)`);
  await empty.db.run(sql`create schema elsewhere`);
  await empty.db.run(sql`create table elsewhere.outbox (id int)`);
  await empty.db.run(sql`insert into elsewhere.outbox values (1)`);
  await setForDatabase(empty, { search_path: 'elsewhere' });
  const found = () => empty?.db.many(sql`select id from outbox`).catch(() => []);
  await waitUntil(async () => (await found())?.length === 1);
});
