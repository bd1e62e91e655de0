import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { describeHeldMail, sendHeldMail, skipHeldMail } from '../../src/deliveries/control/after-restore.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { createOperator } from '../../src/operators/accounts.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';
import { sql } from '../../src/platform/db/sql.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { createRestoreCheck } from '../../src/platform/restore/restore-check.js';
import type { Publication } from '../../src/publications/publication.js';
import { runWorker } from '../../workers/main.js';
import { addArticles, addReaders, readerAddresses } from '../support/fixtures.js';
import { post } from '../support/reader-actions.js';
import { listDeliveries } from '../support/deliveries.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { serverUrl } from '../support/test-database.js';
import { waitUntil } from '../support/wait-until.js';

let testApp: TestApp;
let publication: Publication;
let worker: { stop(): Promise<unknown> };

/** Restored from a copy that was made when mail of every kind was due; an operator said so, and its worker runs. */
beforeEach(async () => {
  testApp = await openTestApp();
  const { context } = testApp;
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  await createOperator(context, { email: 'owner@lantern.example', name: null, grant: 'administrator' });
  await addReaders(testApp, publication, readerAddresses(3));
  await addReaders(testApp, publication, ['instant@example.com'], { cadence: 'instant' });
  await post(`${testApp.url}/lantern/subscriptions`, { email: 'new@example.com' });
  const { id } = await context.db.one<{ id: string }>(sql`select id from sign_up_requests`);
  await testApp.handlers['answer-sign-ups']({ requestIds: [id] });
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const sent = await sendOperatorDigest(context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nobody is due');
  await testApp.handlers['plan-digest']({ digestId: sent.digestId });
  // The copy was made while one of them was being sent.
  await context.db.run(sql`
    with one as (select digest_id, batch, subscription_id from deliveries order by 1, 2, 3 limit 1),
         leased as (update batches b
                       set lease_token = gen_random_uuid(), leased_until = ${context.now()}::timestamptz + interval '15 s'
                      from one
                     where b.digest_id = one.digest_id and b.number = one.batch)
    update deliveries d set state = 'sending', attempt = 1
      from one
     where d.digest_id = one.digest_id and d.subscription_id = one.subscription_id
  `);
  await pushArticle(context, publication, { title: 'Storm', content: '<p>Told in full.</p>' });
  testApp.advanceClock(5 * DAY_MS);
  await context.db.run(sql`update subscriptions set next_due_at = ${context.now()} where cadence = 'daily'`);
  testApp.smtp.messages.length = 0;
  await startWorker();
});
afterEach(async () => {
  await worker.stop();
  await testApp.close();
});

async function startWorker(): Promise<void> {
  const { context } = testApp;
  const { name } = await context.db.one<{ name: string }>(sql`select current_database() as name`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  const queue = await connectQueue({ databaseUrl: url.toString(), log: context.log });
  const restore = createRestoreCheck({
    ...context,
    dataDir: context.config.dataDir,
    elsewhere: queue.counters,
  });
  await restore.compare();
  await restore.hold();
  const running = runWorker(context, queue, restore);
  worker = { stop: async () => (await running.stop(), await queue.close()) };
}

const recipients = () => testApp.smtp.messages.map(({ to }) => to).toSorted();
const alerted = () => waitUntil(async () => recipients().includes('owner@lantern.example'), 20_000);
const readers = [...readerAddresses(3), 'instant@example.com'];

test('everything due is held, whatever its age, nothing is given up or deleted, and operators are told', async () => {
  await alerted();
  testApp.advanceClock(30 * DAY_MS);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(new Set(recipients())).toEqual(new Set(['owner@lantern.example']));
  const states = (await listDeliveries(testApp)).map(({ state }) => state).toSorted();
  expect(states.slice(0, 3)).toEqual(['queued', 'queued', 'queued']);
  expect(states[3]).toMatch(/^(sending|uncertain)$/);
  expect(await describeHeldMail(testApp.context)).toMatchObject({
    reason: 'said',
    deliveries: 3,
    notices: 1,
  });
  const { db } = testApp.context;
  const { count } = await db.one<{ count: number }>(sql`select count(*) as count from sign_up_requests`);
  expect(count).toBe(1);
});

test('an operator who knows that nothing was mailed sends it: all of it goes out, as new', async () => {
  await alerted();
  expect(await sendHeldMail(testApp.context)).toBe(true);
  testApp.advanceClock(HOUR_MS);
  await waitUntil(
    async () => (await listDeliveries(testApp)).filter(({ state }) => state === 'accepted').length >= 3,
    30_000,
  );
  await waitUntil(async () => recipients().includes('new@example.com'), 20_000);
  expect((await listDeliveries(testApp)).filter(({ state }) => state === 'skipped')).toEqual([]);
  expect(await sendHeldMail(testApp.context)).toBe(false);
});

test('an operator who does not know skips it: nobody has it twice, and what comes later goes out', async () => {
  await alerted();
  expect(await skipHeldMail(testApp.context)).toBe(true);
  expect(await skipHeldMail(testApp.context)).toBe(false);
  testApp.advanceClock(HOUR_MS);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(recipients().filter((to) => to !== 'owner@lantern.example')).toEqual([]);
  const states = (await listDeliveries(testApp)).map(({ state, skipReason }) => skipReason ?? state);
  expect(states.toSorted()).toEqual(['restored', 'restored', 'restored', 'uncertain']);
  await pushArticle(testApp.context, publication, { title: 'Calm', content: '<p>Told in full.</p>' });
  testApp.advanceClock(2 * DAY_MS);
  const mailed = () => recipients().filter((to) => to !== 'owner@lantern.example');
  await waitUntil(async () => mailed().length >= readers.length, 30_000);
  expect(mailed()).toEqual(readers.toSorted());
  expect(testApp.smtp.messages.every(({ raw }) => !/Harbour|Storm/.test(raw.toString()))).toBe(true);
});
