import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { recordActivities, recordActivity } from '../../../src/operators/activity/record-activity.js';
import { toStoredPayload } from '../../../src/operators/activity/stored-payload.js';
import { kindOf } from '../../../src/operators/activity/kinds.js';
import { bySystem } from '../../../src/platform/actor.js';
import { sql, type Sql } from '../../../src/platform/db/sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const now = new Date('2026-11-22T09:00:00Z');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const subject = { publicationId: randomUUID(), subjectId: randomUUID() };
  await database.db.transaction((tx) =>
    recordActivity(tx, bySystem(now), { kind: 'digest.approved', ...subject }),
  );
});
afterAll(() => database.close());

const changes: [string, Sql][] = [
  ['changed', sql`update activity set kind = 'digest.cancelled'`],
  ['deleted', sql`delete from activity`],
  ['truncated', sql`truncate activity`],
];

test.each(changes)('a row cannot be %s, whoever asks for it', async (_, statement) => {
  const { db } = database;
  const asked = [db.run(statement), db.transaction((tx) => tx.run(statement))];
  for (const one of asked) await expect(one).rejects.toThrow('activity is append-only');
  expect(await db.one(sql`select kind, count(*) as count from activity group by kind`)).toEqual({
    kind: 'digest.approved',
    count: 1,
  });
});

test('a transaction that deletes old rows may not change any, and the permission ends with it', async () => {
  const { db } = database;
  const forged = db.transaction(async (tx) => {
    await tx.run(sql`set local paperround.purges = 'activity'`);
    await tx.run(sql`update activity set kind = 'digest.cancelled'`);
  });
  await expect(forged).rejects.toThrow('activity is append-only');
  await db.transaction((tx) => tx.run(sql`set local paperround.purges = 'activity'`));
  await expect(db.run(sql`delete from activity`)).rejects.toThrow('activity is append-only');
});

test('what a kind does not name is not kept, nor an address, nor a long text', () => {
  const { before, after } = kindOf('article.corrected');
  const title = `Write to Ada.Example+news@mail.tide.example, ${'or come by, '.repeat(60)}`;
  const given = { title, email: 'ada@tide.example', authors: ['Bo <bo@tide.example>', 'Bo'], url: undefined };
  const kept = toStoredPayload(after, given) as { title: string };
  expect(Object.keys(kept)).toEqual(['title', 'authors']);
  expect(kept.title).toMatch(/^Write to …, or come by, or .*…$/);
  expect(kept.title.length).toBeLessThanOrEqual(300);
  expect(kept).toMatchObject({ authors: ['Bo <…>', 'Bo'] });
  expect(toStoredPayload(before, null)).toBeNull();
  expect(toStoredPayload(null, given)).toBeNull();
  const settings = {
    name: 'Ask 用户@例子.广告',
    siteUrl: 'https://tide.example/@harbour',
    hour: 7,
    approval: true,
  };
  expect(toStoredPayload(kindOf('publication.changed').after, settings)).toEqual({
    ...settings,
    name: 'Ask …',
  });
});

test('thousands of changes are one statement, in their order', async () => {
  const subjects = Array.from({ length: 5000 }, () => randomUUID());
  const publicationId = randomUUID();
  const kind = 'subscription.resumed' as const;
  await database.db.transaction((tx) =>
    recordActivities(
      tx,
      bySystem(now),
      subjects.map((subjectId) => ({ kind, publicationId, subjectId })),
    ),
  );
  const rows = await database.db.many<{ subjectId: string }>(sql`
    select subject_id from activity where publication_id = ${publicationId} order by id
  `);
  expect(rows.map(({ subjectId }) => subjectId)).toEqual(subjects);
});
