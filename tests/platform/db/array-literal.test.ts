import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../../../src/platform/db/array-literal.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createTestDatabase } from '../../support/test-database.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
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
      const row = await database.db.one(sql`select ${arrayLiteral(values)}::text[] as values`);
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
    select ${arrayLiteral(numbers)}::integer[] as numbers,
           ${arrayLiteral(ids)}::uuid[]::text[] as ids,
           ${byteaArrayLiteral(bytes)}::bytea[] as bytes,
           ${dateArrayLiteral(dates)}::timestamptz[] as dates
  `);
  expect(row).toEqual({ numbers, ids, bytes, dates });
});
