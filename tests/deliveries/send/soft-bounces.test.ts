import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReader, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const email = 'ada@example.com';
const UNREACHABLE = '451 4.4.7 Message delayed';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReader(testApp, publication, email);
});
afterAll(() => testApp.close());

function answerWith(reply: string | undefined): void {
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? reply : undefined));
}

const STEP_MS = 4 * HOUR_MS;

/** An article comes out; then so many days pass, in steps in which every wait of at most four hours ends. */
async function publishAndWait(title: string, days: number): Promise<void> {
  await addArticles(testApp, publication, title);
  await testApp.runDueJobs();
  for (let passed = 0; passed < days * DAY_MS; passed += STEP_MS) await advanceAndRunJobs(testApp, STEP_MS);
}

const states = () =>
  testApp.context.db.many<{ state: string }>(sql`
    select d.state from deliveries d join digests g on g.id = d.digest_id order by g.id
  `);
const suppressions = () => testApp.context.db.many(sql`select reason from suppressions`);
const attempts = () => testApp.smtp.commands.filter((line) => line.startsWith('RCPT')).length;

test('while a digest of hers is deferred the next one waits, and comes after it', async () => {
  answerWith(UNREACHABLE);
  await publishAndWait('First', 0.25);
  const before = attempts();
  await publishAndWait('Second', 0);
  await publishAndWait('Third', 0);
  expect(attempts()).toBe(before);
  expect((await states()).map(({ state }) => state)).toEqual(['deferred', 'queued', 'queued']);
  answerWith(undefined);
  for (let step = 0; step < 4; step += 1) await advanceAndRunJobs(testApp, STEP_MS);
  expect((await states()).map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(testApp.smtp.messages).toHaveLength(3);
});

test('a mailbox that three digests over fifteen days cannot reach rests, and twelve days are too few', async () => {
  answerWith(UNREACHABLE);
  // Three digests in twelve days.
  for (const title of ['A', 'B', 'C']) await publishAndWait(title, 4);
  expect(await suppressions()).toEqual([]);
  for (const title of ['D', 'E']) await publishAndWait(title, 4);
  expect(await suppressions()).toEqual([{ reason: 'bounced' }]);
  // One at a time, later and later.
  expect(attempts()).toBeLessThan(5 * 24);
  const last = attempts();
  await publishAndWait('F', 1);
  expect(attempts()).toBe(last);
});

test('one mail that is accepted begins the count anew', async () => {
  answerWith(UNREACHABLE);
  for (const title of ['A', 'B']) await publishAndWait(title, 4);
  answerWith(undefined);
  await publishAndWait('C', 1);
  answerWith(UNREACHABLE);
  await publishAndWait('D', 8);
  expect(await suppressions()).toEqual([]);
  expect(await testApp.context.db.many(sql`select digest_id from soft_bounces`)).toHaveLength(1);
});

test('a server that slows us down is no mailbox that fails', async () => {
  answerWith('421 4.7.0 Too many messages from you');
  await publishAndWait('A', 4);
  expect(await testApp.context.db.many(sql`select digest_id from soft_bounces`)).toEqual([]);
});

test('what was counted is deleted after ninety days', async () => {
  answerWith(UNREACHABLE);
  await publishAndWait('A', 1);
  testApp.advanceClock(91 * DAY_MS);
  await testApp.handlers['purge']({});
  expect(await testApp.context.db.many(sql`select digest_id from soft_bounces`)).toEqual([]);
});
