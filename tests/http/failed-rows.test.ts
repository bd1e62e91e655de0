import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEntryLink } from '../../src/operators/entry-link.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import { addArticles, addReader } from '../support/fixtures.js';
import { poisonRow } from '../support/poisoned-rows.js';
import { open, post } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { openTestApi } from './api/client.js';

let testApp: TestApp;
let publication: Publication;
let reader: Subscription;

/** A reader cannot be planned, and the newsletter has the same fault. */
beforeAll(async () => {
  testApp = await openTestApp();
  const { db, now } = testApp.context;
  publication = await testApp.createPublication();
  reader = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour');
  await db.run(sql`update subscriptions set next_due_at = ${now()}`);
  await poisonRow(db, 'subscriptions', reader.id);
  await testApp.handlers['plan-due']({});
  await db.run(sql`update publications set timezone = 'Mars/Olympus_Mons'`);
});
afterAll(() => testApp.close());

test('programs are told what is left out, since when, and why', async () => {
  const call = await (await openTestApi(testApp)).program('read');
  const { status, body } = await call('GET', '/failed-rows?publication=lantern');
  const at = testApp.context.now().toISOString();
  expect([status, body['data']]).toEqual([
    200,
    [
      {
        ...{ kind: 'subscription', id: reader.id, publication: publication.id, operation: 'plan-due' },
        ...{ code: 'P0001', failures: 1, failingSince: at, failedAt: at },
        retryAt: new Date(testApp.context.now().getTime() + 60_000).toISOString(),
      },
    ],
  ]);
});

test('the dashboard shows it, without an address', async () => {
  const entered = await post(await createEntryLink(testApp.context));
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await (await open(`${testApp.url}/operator/publications/lantern`, { cookie })).text();
  expect(page).toContain(`Left out: Subscription ${reader.id} could not be planned`);
  expect(page).toContain('(P0001), since Sunday 22 November, 09:00 (UTC).');
  expect(page).not.toContain('ada@example.com');
});
