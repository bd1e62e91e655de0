import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { takeLease } from '../../../src/deliveries/batches/lease.js';
import { claimChunk } from '../../../src/deliveries/send/claim-chunk.js';
import { listDue } from '../../../src/deliveries/send/reads.js';
import { sendBatch } from '../../../src/deliveries/send/send-batch.js';
import { openWorkerContext } from '../../../src/deliveries/send/worker-context.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { beginIsolatedRun } from '../../../src/platform/jobs/isolated-run.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createMailer } from '../../../src/platform/mail/smtp/mailer.js';
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
  const context = {
    ...testApp.workerContext,
    clock: { ...testApp.context.clock, isTrusted: () => isTrusted },
  };
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
    crowded: new Set(),
  });
  const claimed = (chunk?.claimed ?? []).map(({ subscriptionId }) => subscriptionId);
  const states = before.flatMap((row) => (claimed.includes(row.subscriptionId) ? [row.state] : []));
  expect(states.toSorted()).toEqual(expected);
});

test('readers at a slow domain take no places of others, and wait while other batches are due', async () => {
  const { db, now } = testApp.context;
  const mailer = createMailer({ smtpUrl: `${testApp.smtp.url}?domainConnections=1`, connections: 4 });
  const worker = openWorkerContext({ ...testApp.context, mailer });
  const addressesAt = (domain: string, count: number) =>
    Array.from({ length: count }, (_, at) => `reader-${at}@${domain}`);
  const planFor = async (slug: string, readers: string[]) => {
    const publication = await testApp.createPublication({ slug });
    await addReaders(testApp, publication, readers);
    await addArticles(testApp, publication, 'Harbour');
    await testApp.handlers['plan-instant']({ publicationId: publication.id });
    return db.one<{ digestId: string; number: number }>(
      sql`select digest_id, number from batches order by digest_id desc limit 1`,
    );
  };
  try {
    const first = await planFor('one', [
      ...addressesAt('slow.example', 12),
      ...addressesAt('quick.example', 4),
    ]);
    testApp.smtp.setScript(async (stage, address) => {
      if (stage === 'rcpt' && address.endsWith('@slow.example')) await sleep(100);
      return undefined;
    });
    await sendBatch(worker, first);
    testApp.smtp.setScript(() => undefined);
    testApp.smtp.messages.length = 0;

    const slow = addressesAt('slow.example', 20).map((email) => `a-${email}`);
    const quick = addressesAt('quick.example', 20).map((email) => `b-${email}`);
    const second = await planFor('two', [...slow, ...quick]);
    await db.run(
      sql`insert into batches (digest_id, number, due_at) values (${second.digestId}, 99, ${now()})`,
    );
    await sendBatch(worker, second);
    const mailed = testApp.smtp.messages.map(({ to }) => to);
    expect(mailed.filter((to) => to.endsWith('@quick.example'))).toHaveLength(20);
    expect(mailed.length).toBeLessThan(35);

    await db.run(sql`delete from batches where number = 99`);
    testApp.advanceClock(MINUTE_MS);
    await sendBatch(worker, second);
    expect(testApp.smtp.messages.map(({ to }) => to).toSorted()).toEqual([...slow, ...quick].toSorted());
  } finally {
    await mailer.close();
  }
});
