import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findHoldReasons } from '../../src/digests/open/hold-rules.js';
import { findDigest } from '../../src/digests/reads.js';
import { describeStateReason } from '../../src/digests/state-reason.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { sql } from '../../src/platform/db/sql.js';
import { createEmptyDatabase, migrateUntil, type TestDatabase } from '../support/test-database.js';
import { operatorWords } from '../support/operator-words.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.close());

const describeHold = (approval: boolean, postalAddress: string | null, readers: number, before?: number) =>
  describeStateReason(
    {
      holdReasons: findHoldReasons({ approval, postalAddress }, readers, before),
      ...{ readers, readersBefore: before ?? null, pausedBy: null, supersededBy: null, reason: null },
    },
    operatorWords,
  );

/** Digests as they were stored while their reasons were sentences. */
const stored: { state: string; readers: number | null; reason: string | null }[] = [
  { state: 'paused', readers: 10, reason: 'An operator paused it.' },
  { state: 'paused', readers: 10, reason: '554 5.7.1 Blocked' },
  { state: 'held', readers: 1, reason: describeHold(true, 'Quay', 1) },
  { state: 'held', readers: null, reason: describeHold(false, null, 101) },
  { state: 'held', readers: 1301, reason: describeHold(true, null, 1301, 1000) },
  { state: 'held', readers: 699, reason: describeHold(false, 'Quay', 699, 1000) },
  { state: 'held', readers: 101, reason: describeHold(false, 'Quay', 101, 0) },
  { state: 'closed', readers: 10, reason: 'The digest of 2026-W48 took its place.' },
  { state: 'sending', readers: 10, reason: null },
];

test('an operator reads the same of digests from before their reasons were codes', async () => {
  const { db, url } = database;
  await migrateUntil(database, '0023');
  const { id: publicationId } = await db.one<{ id: string }>(sql`
    insert into publications (slug, name, site_url, from_name, from_address, created_at)
    values ('lantern', 'The Lantern', 'https://lantern.example', 'Lantern', 'news@lantern.example', now())
    returning id
  `);
  const ids: string[] = [];
  for (const { state, readers, reason } of stored) {
    const { id } = await db.one<{ id: string }>(sql`
      insert into digests (publication_id, cadence, period, state, reason, readers, expires_at, key_id, created_at)
      values (${publicationId}, 'daily', ${String(ids.length)}, ${state}, ${reason}, ${readers}, now(), 'k', now())
      returning id
    `);
    ids.push(id);
  }
  await migrate(url);
  const found = await Promise.all(ids.map((id) => findDigest(db, id)));
  expect(found.map((digest) => digest && describeStateReason(digest, operatorWords))).toEqual(
    stored.map(({ reason }) => reason),
  );
  expect(found.map((digest) => digest?.pausedBy)).toEqual([
    ...['operator', 'mail-server'],
    ...stored.slice(2).map(() => null),
  ]);
  expect(found.flatMap((digest) => digest?.reason ?? [])).toEqual(['554 5.7.1 Blocked']);
  expect(found.slice(2, 7).map((digest) => digest?.holdReasons)).toEqual([
    ['approval'],
    ['no-postal-address'],
    ['approval', 'no-postal-address', 'unusual-audience'],
    ['unusual-audience'],
    ['unusual-audience'],
  ]);
});

test('a pause for mail that was signed twice names the setting behind the mail server’s words', () => {
  const reason = "554 Transaction failed: Duplicate header 'DKIM-Signature'.";
  const digest = { holdReasons: [], readers: 10, readersBefore: null, supersededBy: null, reason };
  expect(describeStateReason({ ...digest, pausedBy: 'mail-server' }, operatorWords)).toMatch(
    /^554 Transaction failed: Duplicate header 'DKIM-Signature'\. This server .* rewrites=true /,
  );
});
