import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { list, listOfBytes, listOfDates } from '../../src/platform/db/list.js';
import { sql } from '../../src/platform/db/sql.js';
import { testDatabase } from '../support/database.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const words = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    'null',
    'NULL',
    '',
    ' ',
    '{',
    '}',
    ',',
    '"',
    '\\',
    '\n',
    '250 2.0.0 Ok: queued as 4F"x',
    '\\x00',
  ),
);

test('Postgres reads a list of words as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(words)), async (values) => {
      const row = await database.db.one(sql`select ${list(values)}::text[] as values`);
      expect(row).toEqual({ values });
    }),
    { numRuns: 200 },
  );
});

test('and lists of numbers, ids, bytes and moments', async () => {
  const numbers = [0, -1, 2 ** 31 - 1];
  const ids = ['0197b3a0-0000-7000-8000-000000000001', '0197b3a0-0000-7000-8000-000000000002'];
  const bytes = [Buffer.from([0, 1, 255]), Buffer.alloc(0), Buffer.from('"\\{}')];
  const dates = [new Date('2026-11-22T09:00:00.123Z'), null, new Date(0)];
  const row = await database.db.one(sql`
    select ${list(numbers)}::integer[] as numbers,
           ${list(ids)}::uuid[]::text[] as ids,
           ${listOfBytes(bytes)}::bytea[] as bytes,
           ${listOfDates(dates)}::timestamptz[] as dates
  `);
  expect(row).toEqual({ numbers, ids, bytes, dates });
});
