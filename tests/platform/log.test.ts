import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { createLog, describeError } from '../../src/platform/log.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ADDRESS = 'ada.lovelace@example.com';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.run(
    sql`create table people (email text primary key check (email <> 'x'), age int not null)`,
  );
});
afterAll(() => database.close());

/** What Postgres refuses, with the address in one of its fields. */
const refused = {
  'a key that is there already': sql`insert into people values (${ADDRESS}, 1), (${ADDRESS}, 2)`,
  'a row that lacks a value': sql`insert into people values (${ADDRESS}, null)`,
  'a text that is no number': sql`select ${ADDRESS}::text::int`,
  'a function that fails': sql`select ('[' || ${`"${ADDRESS}`}::text)::jsonb`,
};

test.each(Object.entries(refused))('%s: no address reaches the log', async (_, statement) => {
  const error = (await database.db.run(statement).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toBeInstanceOf(Error);
  const file = join(mkdtempSync(join(tmpdir(), 'paperround-log-')), 'log');
  const log = createLog('trace', { file });
  const wrapped = new Error('It failed', { cause: error });
  log.error({ event: 'http.error', err: error });
  log.error({ event: 'job.failed', ...describeError(error) });
  log.error({ event: 'job.failed', err: wrapped });
  log.error(error);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const written = readFileSync(file, 'utf8');
  expect(written.trim().split('\n')).toHaveLength(4);
  expect(written).not.toContain('lovelace');
  expect(written).not.toMatch(/"(detail|where|hint|internalQuery)"/);
  const { err } = JSON.parse(written.split('\n')[0] ?? '') as { err: Record<string, unknown> };
  expect(err).toMatchObject({ code: expect.stringMatching(/^2[23]\w{3}$/), reason: expect.any(String) });
  expect(err['at']).toEqual(expect.arrayContaining([expect.stringContaining('at ')]));
});
