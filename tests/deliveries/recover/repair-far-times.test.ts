import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { listFeedsDue } from '../../../src/articles/feeds/reads.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import { enqueue } from '../../../src/platform/jobs/outbox.js';
import type { Publication } from '../../../src/publications/publication.js';
import {
  addArticles,
  addReader,
  addReaders,
  advanceAndRunJobs,
  readerAddresses,
  reloadReader,
  resetTestApp,
} from '../../support/fixtures.js';
import { requestConfirmLink } from '../../support/reader-actions.js';
import { listDeliveries } from '../../support/deliveries.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const YEAR_MS = 365 * DAY_MS;

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
});

/** What is done by a clock that is a year ahead; then it is right again. */
async function aYearAhead(work: () => Promise<unknown>): Promise<void> {
  testApp.advanceClock(YEAR_MS);
  await work();
  testApp.advanceClock(-YEAR_MS);
}

test('mail that a clock a year ahead put off goes out when the clock is right again', async () => {
  await addReaders(testApp, publication, readerAddresses(3));
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.2.1 Later' : undefined));
  await aYearAhead(async () => {
    await sendOperatorDigest(testApp.context, publication.id);
    await requestConfirmLink(testApp, 'new@example.com').catch(() => undefined);
    await testApp.runDueJobs();
  });
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, HOUR_MS);
  await advanceAndRunJobs(testApp, HOUR_MS);
  expect(new Set((await listDeliveries(testApp)).map(({ state }) => state))).toEqual(new Set(['accepted']));
  expect(testApp.smtp.messages.map(({ to }) => to).toSorted()).toEqual([
    'new@example.com',
    ...readerAddresses(3),
  ]);
});

test('a reader who confirmed by a clock a year ahead is due at her next hour', async () => {
  const reader = await addReader(testApp, publication, 'ada@example.com');
  const { db, now } = testApp.context;
  await db.run(sql`update subscriptions set next_due_at = next_due_at + interval '1 year'`);
  await testApp.handlers.sweep({});
  expect((await reloadReader(testApp, reader)).nextDueAt).toEqual(reader.nextDueAt);
  expect(reader.nextDueAt?.getTime()).toBeGreaterThan(now().getTime());
});

test('feeds, leases and circuits of a clock a year ahead are over', async () => {
  const { context } = testApp;
  const { db, now } = context;
  await aYearAhead(() =>
    addFeed(context, { publicationId: publication.id, url: 'https://a.example/feed', includeNewest: 0 }),
  );
  await db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select coalesce((select min(id) from transports), 1), 'a.example', 'throttled', '421 Slow', 9, 9, ${now()}, ${now()}::timestamptz + interval '1 year'
     where exists (select from transports)
  `);
  await testApp.handlers.sweep({});
  expect(await listFeedsDue(db, now(), 9)).toHaveLength(1);
  const { count } = await db.one<{ count: number }>(
    sql`select count(*) as count from circuits where closes_at > ${now()}`,
  );
  expect(count).toBe(0);
});

test('what is meant for a day far away waits for it', async () => {
  const { db, now } = testApp.context;
  const dueAt = new Date(now().getTime() + YEAR_MS);
  await db.transaction((tx) => enqueue(tx, 'plan-digest', { digestId: crypto.randomUUID() }, now(), dueAt));
  await testApp.handlers.sweep({});
  const [job, ...others] = await db.many<{ dueAt: Date }>(
    sql`select due_at from outbox where name = 'plan-digest'`,
  );
  expect([job?.dueAt, others]).toEqual([dueAt, []]);
});
