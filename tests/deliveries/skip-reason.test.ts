import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { describeAnswer, skipReasons, type SkipReason } from '../../src/deliveries/skip-reason.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { addDigestWithDeliveries } from './delivery-rows.js';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.close());

test.each(['deliveries', 'notices'])(
  'the database keeps skip reasons of %s to the same codes',
  async (table) => {
    const { check } = await db.one<{ check: string }>(sql`
    select pg_get_constraintdef(oid) as check
      from pg_constraint
     where conname = ${`${table}_skip_reason_check`}
  `);
    expect([...check.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code)).toEqual([...skipReasons]);
  },
);

test('the migration turns the word before a server’s reply into a code, and all reads as before', async () => {
  const words = [
    'paused',
    'address changed',
    'address changed: 451 4.2.1 busy: try later',
    'could not be composed',
    'expired: 554 5.7.1 Blocked',
    '554 5.7.1 Blocked: see https://example.com',
  ];
  const rows = words.map(() => ({ state: 'skipped' as const }));
  const { digestId, subscriptionIds } = await addDigestWithDeliveries(
    db,
    new Date(),
    { state: 'closed' },
    rows,
  );
  await undoMigration();
  for (const [at, id] of subscriptionIds.entries())
    await db.run(sql`update deliveries set answer = ${words[at] ?? ''} where subscription_id = ${id}`);
  await migrate();
  const found = await db.many<{ id: string; skipReason: SkipReason; answer: string | null }>(
    sql`select subscription_id as id, skip_reason, answer from deliveries where digest_id = ${digestId}`,
  );
  const migrated = subscriptionIds.map((id) => found.find((row) => row.id === id));
  expect(migrated.map((row) => row?.skipReason)).toEqual([
    'paused',
    'address-changed',
    'address-changed',
    'not-composed',
    'expired',
    'sender-fault',
  ]);
  expect(migrated.map((row) => row && describeAnswer(row))).toEqual(words);
});

async function undoMigration(): Promise<void> {
  await database.db.run(sql`alter table deliveries drop column skip_reason`);
  await database.db.run(sql`alter table notices drop column skip_reason`);
}

async function migrate(): Promise<void> {
  const file = new URL('../../src/platform/db/migrations/0022_skip_reasons.sql', import.meta.url);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(readFileSync(file, 'utf8'));
  await client.end();
}
