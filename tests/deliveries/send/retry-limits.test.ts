import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { countDeliveries } from '../../../src/deliveries/reads.js';
import { MAX_RESENDS } from '../../../src/deliveries/delivery.js';
import { listDigests } from '../../../src/digests/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, advanceAndRunJobs } from '../../support/fixtures.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;

beforeEach(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});
afterEach(() => testApp.close());

test('a mail whose server never replies to the dot is sent again a few times, then an operator decides', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  testApp.smtp.setScript((stage) => (stage === 'dot' ? 'hang-up-accepted' : undefined));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  for (let quarter = 0; quarter < 60; quarter += 1) await advanceAndRunJobs(testApp, 15 * MINUTE_MS);
  expect(testApp.smtp.messages).toHaveLength(1 + MAX_RESENDS);
  expect((await listDeliveries(testApp)).map(({ state }) => state)).toEqual(['uncertain']);
});

test('so it is with a confirmation mail', async () => {
  testApp.smtp.setScript((stage) => (stage === 'dot' ? 'hang-up-accepted' : undefined));
  const body = new URLSearchParams({ email: 'ada@example.com' });
  await fetch(`${testApp.url}/${publication.slug}/subscriptions`, {
    method: 'POST',
    body,
    redirect: 'manual',
  });
  await testApp.runDueJobs();
  for (let quarter = 0; quarter < 20; quarter += 1) await advanceAndRunJobs(testApp, 15 * MINUTE_MS);
  expect(testApp.smtp.messages).toHaveLength(1 + MAX_RESENDS);
  expect(await testApp.context.db.many(sql`select state, due_at from notices`)).toEqual([
    { state: 'uncertain', dueAt: null },
  ]);
});

test('what could not be sent of a digest within three days is skipped, with that as its reason', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  testApp.smtp.setScript((stage) => (stage === 'connect' ? 'hang-up' : undefined));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  await advanceAndRunJobs(testApp, 4 * DAY_MS);
  expect(testApp.smtp.messages).toEqual([]);
  const [digest] = await listDigests(testApp.context.db, publication.id, 1);
  expect(await countDeliveries(testApp.context.db, digest?.id ?? '')).toMatchObject({
    planned: 1,
    skipped: 1,
  });
  expect(await testApp.context.db.one(sql`select skip_reason, answer from deliveries`)).toEqual({
    skipReason: 'expired',
    answer: 'Connection closed unexpectedly',
  });
});
