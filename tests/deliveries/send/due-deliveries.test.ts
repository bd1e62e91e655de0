import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { takeLease } from '../../../src/deliveries/batches/lease.js';
import { claimChunk } from '../../../src/deliveries/send/claim-chunk.js';
import { listDue } from '../../../src/deliveries/send/reads.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { beginIsolatedRun } from '../../../src/platform/jobs/isolated-run.js';
import { sql } from '../../../src/platform/db/sql.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(() => resetTestApp(testApp));
afterAll(() => testApp.close());

/** A batch with three readers. */
async function planBatch(): Promise<{ digestId: string; number: number }> {
  const publication = await testApp.createPublication();
  await addReaders(testApp, publication, readerAddresses(3));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  return testApp.context.db.one(sql`select digest_id, number from batches`);
}

test('a reader who is left out for now takes no place of a limit, however small', async () => {
  const batch = await planBatch();
  const { db, now } = testApp.context;
  const idsOf = async (where: { limit: number; except: string[] }) =>
    (await listDue(db, batch, where, now())).map(({ subscriptionId }) => subscriptionId);
  const all = await idsOf({ limit: 9, except: [] });
  expect(all).toHaveLength(3);
  expect(await idsOf({ limit: 1, except: all.slice(0, 1) })).toEqual(all.slice(1, 2));
  expect(await idsOf({ limit: 9, except: all })).toEqual([]);
});

test.each([
  ['that is right, nothing of a digest that is too old is sent', true, []],
  ['that cannot be trusted, nothing is too old', false, ['queued', 'queued', 'uncertain']],
])('by a clock %s', async (_, isTrusted, expected) => {
  const batch = await planBatch();
  const context = { ...testApp.workerContext, clock: { isTrusted: () => isTrusted } };
  const { db, now } = context;
  await db.run(sql`update digests set expires_at = ${now()}`);
  const choice = await context.router.chooseRoute(async (atMost) => atMost, false);
  const lease = await takeLease(context, batch, randomUUID());
  if (choice.kind !== 'route' || lease === undefined) throw new Error('Nothing can be sent');
  const { transportId } = choice.route;
  await db.run(sql`
    update deliveries
       set state = 'uncertain', transport_id = ${transportId}, updated_at = ${new Date(now().getTime() - HOUR_MS)}
     where subscription_id = (select min(subscription_id::text)::uuid from deliveries)
  `);
  const before = await db.many<{ subscriptionId: string; state: string }>(
    sql`select subscription_id, state from deliveries`,
  );
  const run = await beginIsolatedRun(context, 'send-batch');
  const chunk = await claimChunk(context, lease, choice.route, {
    ...run,
    failed: new Set(),
    elsewhere: new Set(),
  });
  const claimed = (chunk?.claimed ?? []).map(({ subscriptionId }) => subscriptionId);
  const states = before.flatMap((row) => (claimed.includes(row.subscriptionId) ? [row.state] : []));
  expect(states.toSorted()).toEqual(expected);
});
