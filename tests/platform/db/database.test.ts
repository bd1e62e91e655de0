import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { camelCaseRow } from '../../../src/platform/db/camel-case.js';
import { connectDatabase } from '../../../src/platform/db/database.js';
import { isDatabaseReachable } from '../../../src/platform/db/ping.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.run(sql`create table things (id int primary key, next_due_at timestamptz, word text)`);
});

beforeEach(() => database.db.run(sql`delete from things`));

afterAll(() => database.close());

const ids = async () =>
  (await database.db.many<{ id: number }>(sql`select id from things order by id`)).map(({ id }) => id);

test('rows have names in camelCase, times as dates, counts and bigints as numbers', async () => {
  const due = new Date('2026-11-22T09:00:00.123Z');
  await database.db.run(sql`insert into things values (1, ${due}, null)`);
  expect(
    await database.db.one(
      sql`select id, next_due_at, word, 5000000000::bigint as last_seq, count(*) over () from things`,
    ),
  ).toEqual({ id: 1, nextDueAt: due, word: null, lastSeq: 5_000_000_000, count: 1 });
  expect(camelCaseRow({ a: 1, a_b: 2, content_html_2: 3 })).toEqual({ a: 1, aB: 2, contentHtml2: 3 });
});

test('a row that may be missing is undefined, one that must be there is an error that names the query', async () => {
  expect(await database.db.maybe(sql`select id from things`)).toBeUndefined();
  await expect(database.db.one(sql`select id from things`)).rejects.toThrow(
    'Expected a row: select id from things',
  );
  expect(await database.db.run(sql`delete from things`)).toBe(0);
});

test('values are never read as SQL', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      // Neither Postgres nor UTF-8 can hold a NUL or half a surrogate pair.
      const word = text.replaceAll(/[\0\p{Cs}]/gu, '');
      const row = await database.db.one<{ word: string }>(sql`select ${word}::text as word`);
      expect(row.word).toBe(word);
    }),
    { numRuns: 50 },
  );
  await database.db.run(sql`insert into things values (1, null, ${"'); drop table things; --"})`);
  expect(await ids()).toEqual([1]);
});

test('a transaction that is idle for a minute is ended, with its locks', async () => {
  const patience = sql`select setting::integer as ms from pg_settings where name = 'idle_in_transaction_session_timeout'`;
  expect(await database.db.transaction((tx) => tx.one(patience))).toEqual({ ms: 60_000 });
  expect(await database.db.one(patience)).toEqual({ ms: 0 });
});

test('a transaction is visible to others when it is committed, and returns the result of its work', async () => {
  const answer = await database.db.transaction(async (tx) => {
    await tx.run(sql`insert into things values (1)`);
    expect(await ids()).toEqual([]);
    return 'done';
  });
  expect([answer, await ids()]).toEqual(['done', [1]]);
});

test('a transaction that throws is rolled back, rethrows, and releases its connection', async () => {
  for (let round = 0; round < 30; round += 1) {
    const failing = database.db.transaction(async (tx) => {
      await tx.run(sql`insert into things values (1)`);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
  }
  await expect(
    database.db.transaction((tx) => tx.run(sql`insert into things values ('x')`)),
  ).rejects.toMatchObject({ code: '22P02' });
  expect(await ids()).toEqual([]);
  const { totalCount, idleCount } = database.db.pool;
  expect(idleCount).toBe(totalCount);
});

test('a connection that is cut in the middle of a transaction is thrown away; the next one works', async () => {
  const cut = database.db.transaction(async (tx) => {
    await tx.run(sql`insert into things values (1)`);
    const { pid } = await tx.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    await database.db.run(sql`select pg_terminate_backend(${pid}::int)`);
    await tx.run(sql`insert into things values (2)`);
  });
  await expect(cut).rejects.toThrow();
  expect(await ids()).toEqual([]);
  expect(await database.db.transaction((tx) => tx.run(sql`insert into things values (3)`))).toBe(1);
});

test('an idle connection that breaks is reported, and nothing else fails', async () => {
  const broken: Error[] = [];
  const db = connectDatabase(database.url, (error) => broken.push(error), 2);
  try {
    const { pid } = await db.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    const noticed = once(db.pool, 'error');
    await database.db.run(sql`select pg_terminate_backend(${pid}::int)`);
    await noticed;
    expect(broken).toHaveLength(1);
    expect(await isDatabaseReachable(db)).toBe(true);
  } finally {
    await db.close();
  }
});

test('a ping of a database that is down returns false', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  const port = typeof address === 'object' ? address?.port : 0;
  const db = connectDatabase(`postgres://nobody@127.0.0.1:${port}/none`, () => {});
  expect(await isDatabaseReachable(db)).toBe(false);
  expect(await isDatabaseReachable(database.db)).toBe(true);
  await db.close();
});
