import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import type { AssessedForm } from '../../../src/subscribers/sign-up/record-batch.js';
import { createSignUpBatcher, type SignUpBatcher } from '../../../src/subscribers/sign-up/batcher.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;
let batcher: SignUpBatcher;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
  batcher = createSignUpBatcher(testApp.context);
});

afterAll(() => testApp.close());

const attempt = (
  email: string,
  {
    networks = [],
    ...changes
  }: Partial<AssessedForm['request']> & Partial<Pick<AssessedForm, 'networks'>> = {},
): AssessedForm => ({
  networks,
  request: {
    publicationId: publication.id,
    email,
    locale: null,
    timezone: null,
    cadence: null,
    topics: [],
    source: null,
    risk: 0,
    reasons: [],
    held: false,
    ip: null,
    agent: null,
    ...changes,
  },
});

const { many } = {
  many: <Row>(query: Parameters<TestApp['context']['db']['many']>[0]) => testApp.context.db.many<Row>(query),
};

test('many sign-ups are written in few transactions, each under the id that is returned, and all are answered', async () => {
  const recorded = await Promise.all(
    Array.from({ length: 500 }, (_, at) =>
      batcher.record(
        attempt(`crowd${at}@example.com`, { topics: ['Kitchen', `"${at}, {}"`], source: 'a\\b' }),
      ),
    ),
  );
  const rows = await many<{ id: string; email: string; topics: string[] }>(
    sql`select id, email, topics from sign_up_requests order by email`,
  );
  expect(rows).toHaveLength(500);
  const byId = new Map(rows.map((row) => [row.id, row]));
  recorded.forEach((one, at) => {
    expect(one.kind === 'recorded' && byId.get(one.id)).toMatchObject({
      email: `crowd${at}@example.com`,
      topics: ['Kitchen', `"${at}, {}"`],
    });
  });
  // xmin is the transaction that wrote a row (PostgreSQL, System Columns).
  const [counted] = await many<{ transactions: number }>(
    sql`select count(distinct xmin::text) as transactions from sign_up_requests`,
  );
  expect(counted?.transactions).toBeLessThan(10);
  const done = await testApp.runDueJobs();
  expect(done.filter((name) => name === 'send-notice')).toHaveLength(500);
  expect(done.filter((name) => name === 'answer-sign-ups').length).toBeLessThan(10);
});

test('one that the database refuses does not lose the others of its batch', async () => {
  testApp.advanceClock(60 * MINUTE_MS);
  batcher.countRefusal(publication.id, 'empty');
  const bad = attempt('bad@example.com', { publicationId: '01999999-0000-7000-8000-000000000009' });
  const all = await Promise.allSettled([
    batcher.record(attempt('first@example.com')),
    batcher.record(attempt('second@example.com')),
    batcher.record(bad),
    batcher.record(attempt('third@example.com')),
  ]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  const rows = await many<{ email: string }>(
    sql`select email from sign_up_requests where email = any(${['first@example.com', 'second@example.com', 'third@example.com']})`,
  );
  expect(rows).toHaveLength(3);
  const since = new Date(testApp.context.now().getTime() - 10 * MINUTE_MS);
  expect(
    await many(sql`select outcome, count from sign_up_counts where began_at >= ${since} order by outcome`),
  ).toEqual([
    { outcome: 'empty', count: 1 },
    { outcome: 'recorded', count: 3 },
  ]);
});

test('a network above its limit is refused until its window ends, and what it sent counts for no other limit', async () => {
  const networks = [{ key: 'network a', max: 3 }];
  const send = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) => batcher.record(attempt(`n${at}@example.com`, { networks }))),
    );
  const service = await points('service');
  const first = await send(5);
  expect(first.map(({ kind }) => kind)).toEqual([
    ...Array.from({ length: 3 }, () => 'recorded'),
    ...Array.from({ length: 2 }, () => 'too-many'),
  ]);
  expect(await points('service')).toBe(service + 3);
  testApp.advanceClock(4 * MINUTE_MS);
  expect(await send(1)).toEqual([{ kind: 'too-many', seconds: 360 }]);
  testApp.advanceClock(6 * MINUTE_MS);
  expect((await send(1)).map(({ kind }) => kind)).toEqual(['recorded']);
});

test('sign-ups above the limits of a newsletter are held for an operator, and nobody is refused', async () => {
  await testApp.context.db.run(sql`
    insert into sign_up_limits (key, points, resets_at)
    values (${`publication ${publication.id}`}, 2999, ${new Date(testApp.context.now().getTime() + MINUTE_MS)})
    on conflict (key) do update set points = 2999, resets_at = excluded.resets_at
  `);
  await testApp.runDueJobs();
  const recorded = [
    await batcher.record(attempt('last@example.com')),
    await batcher.record(attempt('over@example.com', { reasons: ['disposable'] })),
  ];
  expect(recorded.map(({ kind }) => kind)).toEqual(['recorded', 'recorded']);
  const rows = await many(sql`
    select email, outcome, reasons from sign_up_requests where email = any(${['last@example.com', 'over@example.com']}) order by email
  `);
  expect(rows).toEqual([
    { email: 'last@example.com', outcome: null, reasons: [] },
    { email: 'over@example.com', outcome: 'held', reasons: ['disposable', 'flood'] },
  ]);
  expect(await testApp.runDueJobs()).toEqual(['answer-sign-ups', 'send-notice']);
});

test('refusals are counted with what is recorded, in spans of ten minutes', async () => {
  testApp.advanceClock(60 * MINUTE_MS);
  batcher.countRefusal(publication.id, 'typo');
  batcher.countRefusal(publication.id, 'typo');
  batcher.countRefusal(publication.id, 'honeypot');
  await batcher.record(attempt('counted@example.com'));
  const since = new Date(testApp.context.now().getTime() - 10 * MINUTE_MS);
  expect(
    await many(
      sql`select outcome, count, began_at from sign_up_counts where began_at >= ${since} order by outcome`,
    ),
  ).toEqual([
    { outcome: 'honeypot', count: 1, beganAt: expect.any(Date) },
    { outcome: 'recorded', count: 1, beganAt: expect.any(Date) },
    { outcome: 'typo', count: 2, beganAt: expect.any(Date) },
  ]);
});

async function points(key: string): Promise<number> {
  const [row] = await many<{ points: number }>(sql`select points from sign_up_limits where key = ${key}`);
  return row?.points ?? 0;
}

/** How many transactions have written; asking adds one. */
