import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { changeChoices } from '../../../src/subscribers/preferences/change-choices.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import type { Publication } from '../../../src/publications/publication.js';
import { createConfirmedReader, subscriptionOf } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { dumpTables } from '../../support/table-dump.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { recordSignUp, outcomeOf, subjectsTo } from '../../support/sign-up-requests.js';

let testApp: TestApp;
let publication: Publication;
let count = 0;
let email: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

beforeEach(() => {
  count += 1;
  email = `reader-${count}@example.com`;
});

afterAll(() => testApp.close());

const request = (address = email, publicationId = publication.id) =>
  recordSignUp(testApp, publicationId, address);

test('an address that never confirms is deleted after a week, and may be mailed as if it were new', async () => {
  await request();
  await testApp.runDueJobs();
  testApp.advanceClock(7 * DAY_MS - 1000);
  await testApp.handlers.purge({});
  expect((await subscriptionOf(testApp, email)).status).toBe('pending');
  testApp.advanceClock(2000);
  await testApp.handlers.purge({});
  await testApp.handlers.purge({});
  const rows = JSON.stringify(await dumpTables(testApp.context.db, []));
  expect(rows).not.toContain(email);
  expect(rows).toContain(testApp.context.hashAddress(email).toString('hex'));
  await request();
  await testApp.runDueJobs();
  expect(await subjectsTo(testApp, email)).toHaveLength(2);
});

test('an address that never confirmed and blocked us is deleted after a week too, and stays blocked', async () => {
  await request();
  await testApp.runDueJobs();
  const { id } = await subscriptionOf(testApp, email);
  await changeChoices(testApp.context, id, { cadence: 'weekly' });
  await blockAddress(testApp.context, id);
  testApp.advanceClock(7 * DAY_MS + 1000);
  await testApp.handlers.purge({});
  await testApp.handlers.purge({});
  expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain(email);
  const asked = await request();
  await testApp.runDueJobs();
  expect(await outcomeOf(testApp, asked)).toBe('suppressed');
  expect(await subjectsTo(testApp, email)).toHaveLength(1);
});

test('so is one that a program changed while it waited, and one that was named too often', async () => {
  for (const days of [1, 1, 0]) {
    await request();
    await testApp.runDueJobs();
    await changeChoices(testApp.context, (await subscriptionOf(testApp, email)).id, { hour: 5 });
    testApp.advanceClock(days * DAY_MS);
  }
  testApp.advanceClock(7 * DAY_MS + 1000);
  await testApp.handlers.purge({});
  const capped = await request();
  await testApp.runDueJobs();
  expect(await outcomeOf(testApp, capped)).toBe('capped');
  testApp.advanceClock(7 * DAY_MS + 1000);
  await testApp.handlers.purge({});
  expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain(email);
});

test('a reader who confirmed stays, with her proof', async () => {
  const { subscription } = await createConfirmedReader(testApp, email);
  testApp.advanceClock(40 * DAY_MS);
  await testApp.handlers.purge({});
  expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'confirmed' });
  expect(
    await testApp.context.db.many(sql`select kind from consents where subscription_id = ${subscription.id}`),
  ).toEqual([{ kind: 'confirmed' }]);
  expect(await testApp.context.db.many(sql`select id from sign_up_requests where email = ${email}`)).toEqual(
    [],
  );
  expect(
    await testApp.context.db.many(
      sql`select asked_at from capped_mails where address_hash = ${testApp.context.hashAddress(email)}`,
    ),
  ).toEqual([]);
});
