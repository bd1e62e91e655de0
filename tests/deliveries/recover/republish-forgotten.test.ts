import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { republishForgotten } from '../../../src/deliveries/recover/republish-forgotten.js';
import { sql } from '../../../src/platform/db/sql.js';
import { SECOND_MS } from '../../../src/platform/durations.js';
import { enqueue } from '../../../src/platform/jobs/outbox.js';
import { claimDueJobs } from '../../../src/platform/jobs/publish-outbox.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { postJson, signUp } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

/** Publishes all that is due to a queue, and the worker that took it is gone. */
const loseJobs = () => claimDueJobs(testApp.context.db, testApp.context.now(), 100);
const mails = () => testApp.smtp.messages.length;

async function planDigest(): Promise<void> {
  await addReaders(testApp, publication, readerAddresses(3));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  await testApp.context.db.run(sql`delete from outbox where name <> 'send-batch'`);
}

test('mail whose job was offered to a worker that is gone is sent within seconds, not after a minute', async () => {
  await planDigest();
  await loseJobs();
  testApp.advanceClock(4 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(0);
  testApp.advanceClock(2 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(3);
});

test('so is a confirmation', async () => {
  testApp.smtp.setScript((stage) => (stage === 'connect' ? 'hang-up' : undefined));
  await signUp(testApp, 'ada@example.com');
  testApp.smtp.setScript(() => undefined);
  testApp.advanceClock(60 * SECOND_MS);
  await testApp.handlers.sweep({});
  await loseJobs();
  testApp.advanceClock(6 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(1);
});

test('the sweep that would find the mail is not waited for either', async () => {
  await planDigest();
  const { db, now } = testApp.context;
  // The mail waits for a sweep alone: its own job is over.
  await db.run(sql`delete from outbox`);
  await db.transaction((tx) => enqueue(tx, 'sweep', {}, now()));
  await loseJobs();
  testApp.advanceClock(6 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(3);
});

test('nor the job that answers a sign-up', async () => {
  await postJson(`${testApp.url}/lantern/subscriptions`, { email: 'ada@example.com' });
  await loseJobs();
  testApp.advanceClock(4 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(0);
  testApp.advanceClock(2 * SECOND_MS);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(1);
});

test('while anybody is sending, what waits for its turn is not offered again', async () => {
  await planDigest();
  await loseJobs();
  testApp.advanceClock(6 * SECOND_MS);
  const { db, now } = testApp.context;
  await db.run(sql`
    insert into batches (digest_id, number, due_at, leased_until, lease_token)
    select digest_id, number + 1, due_at, ${new Date(now().getTime() + 10 * SECOND_MS)}, gen_random_uuid() from batches
  `);
  await republishForgotten(testApp.context);
  await testApp.runDueJobs();
  expect(mails()).toBe(0);
});
