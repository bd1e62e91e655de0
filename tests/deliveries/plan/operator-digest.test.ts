import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { forecastDigest } from '../../../src/deliveries/plan/forecast.js';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { planOperatorDigest, sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { listDigests } from '../../../src/digests/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { undoUnsubscribe } from '../../../src/subscribers/leave/restore-subscription.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  addReaders,
  readerAddresses,
  advanceAndRunJobs,
  reloadReader,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { listDeliveries, describePlan } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication();
});
afterEach(() => testApp.close());

const send = () => sendOperatorDigest(testApp.context, publication.id);
const digests = () => listDigests(testApp.context.db, publication.id, 10);
const sent = async () => {
  const answer = await send();
  if (answer.kind !== 'sending') throw new Error('Nobody was due');
  return answer;
};

test('everyone confirmed gets her own due list once, whatever her cadence, and watermarks stay', async () => {
  const instant = await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  const monthly = await addReader(testApp, publication, 'bea@example.com', {
    cadence: 'monthly',
    watermark: 1,
  });
  await addReader(testApp, publication, 'read-on@example.com', { cadence: 'weekly', watermark: 2 });
  for (const status of ['pending', 'paused', 'unsubscribed'] as const)
    await addReader(testApp, publication, `${status}@example.com`, { status, cadence: 'daily' });
  const ids = await addArticles(testApp, publication, 'Harbour', 'Storm');
  await testApp.context.db.run(sql`delete from outbox`);
  const { digestId, forecast: expected } = await sent();
  expect(expected).toEqual({ readers: 2, more: false, articleIds: ids });
  expect(await testApp.runDueJobs()).toEqual(['plan-digest', 'send-batch']);
  const planned = ['ada@example.com operator : Harbour, Storm', 'bea@example.com operator : Storm'];
  expect(await describePlan(testApp)).toEqual(planned);
  expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(['ada@example.com', 'bea@example.com']);
  expect((await reloadReader(testApp, instant)).watermark).toBe(0);
  expect(await reloadReader(testApp, monthly)).toMatchObject({ watermark: 1, nextDueAt: monthly.nextDueAt });

  // Planning leaves out the articles it had, and only those.
  await planInstant(testApp.context, publication.id);
  expect(await describePlan(testApp)).toEqual(planned);
  expect((await reloadReader(testApp, instant)).watermark).toBe(2);
  await addArticles(testApp, publication, 'Moon');
  testApp.advanceClock(
    monthly.nextDueAt === null ? 0 : monthly.nextDueAt.getTime() - testApp.context.now().getTime(),
  );
  await planDue(testApp.context);
  expect(await describePlan(testApp)).toEqual([
    ...planned,
    'bea@example.com monthly 2026-12: Moon',
    'read-on@example.com weekly 2026-W49: Moon',
  ]);

  await advanceAndRunJobs(testApp, 0);
  await advanceAndRunJobs(testApp, 0);
  expect((await digests()).find(({ id }) => id === digestId)?.state).toBe('closed');
});

test('sending again finds nobody and writes nothing', async () => {
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour');
  await sent();
  await testApp.runDueJobs();
  const before = await dumpTables(testApp.context.db);
  expect(await send()).toEqual({ kind: 'nobody-due' });
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  expect(await digests()).toHaveLength(1);
});

test('with no articles, no readers, or an archived newsletter there is nobody to send to', async () => {
  expect(await send()).toEqual({ kind: 'nobody-due' });
  await addArticles(testApp, publication, 'Harbour');
  expect(await send()).toEqual({ kind: 'nobody-due' });
  await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await archivePublication(testApp.context, publication.id);
  expect(await send()).toEqual({ kind: 'nobody-due' });
  expect(await digests()).toEqual([]);
});

test('two operators who send at once mail nobody twice', async () => {
  await addReaders(testApp, publication, readerAddresses(30), { cadence: 'weekly' });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  const both = await Promise.all([sent(), sent()]);
  await Promise.all(both.map(({ digestId }) => planOperatorDigest(testApp.context, digestId)));
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to).sort()).toEqual(readerAddresses(30).sort());
  expect(await listDeliveries(testApp)).toHaveLength(30);
});

test('an operator who sends while readers are being planned mails nobody an article twice', async () => {
  await addReaders(testApp, publication, readerAddresses(60));
  await addArticles(testApp, publication, 'Harbour');
  const { digestId } = await sent();
  const plans = [planInstant(testApp.context, publication.id), planOperatorDigest(testApp.context, digestId)];
  await Promise.all([...plans, planInstant(testApp.context, publication.id)]);
  const deliveries = await listDeliveries(testApp);
  expect(deliveries.map(({ email }) => email).sort()).toEqual(readerAddresses(60).sort());
});

test('its job may run twice, or half: only readers it had not reached are added', async () => {
  await addReaders(testApp, publication, readerAddresses(1_500), { cadence: 'monthly' });
  await addArticles(testApp, publication, 'Harbour');
  const { digestId } = await sent();
  let transactions = 0;
  const { db } = testApp.context;
  const dying: typeof db = {
    ...db,
    transaction: (work) => {
      transactions += 1;
      // The first begins the digest, the second plans a thousand.
      return transactions === 3 ? Promise.reject(new Error('power cut')) : db.transaction(work);
    },
  };
  await expect(planOperatorDigest({ ...testApp.context, db: dying }, digestId)).rejects.toThrow('power cut');
  expect(await listDeliveries(testApp)).toHaveLength(1_000);
  await planOperatorDigest(testApp.context, digestId);
  expect(await listDeliveries(testApp)).toHaveLength(1_500);
  const before = await dumpTables(db);
  await planOperatorDigest(testApp.context, digestId);
  expect(changedTables(before, await dumpTables(db))).toEqual([]);
});

test('a reader who was skipped, and came back, is still due', async () => {
  const ada = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour');
  const { digestId } = await sent();
  await planOperatorDigest(testApp.context, digestId);
  await unsubscribe(testApp.context, ada.id);
  await testApp.runDueJobs();
  expect(await listDeliveries(testApp)).toMatchObject([{ state: 'skipped', skipReason: 'unsubscribed' }]);
  await undoUnsubscribe(testApp.context, ada.id);
  testApp.advanceClock(HOUR_MS);
  await planDue(testApp.context);
  await testApp.runDueJobs();
  expect((await describePlan(testApp)).at(-1)).toBe('ada@example.com daily 2026-11-22: Harbour');
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['ada@example.com']);
});

test('a forecast says exactly what is then sent, and writes nothing', async () => {
  await addReaders(testApp, publication, readerAddresses(3), { cadence: 'daily' });
  await addReader(testApp, publication, 'late@example.com', { cadence: 'weekly', watermark: 1 });
  const ids = await addArticles(testApp, publication, 'Harbour', 'Storm');
  const before = await dumpTables(testApp.context.db);
  const expected = { readers: 4, more: false, articleIds: ids };
  expect(await forecastDigest(testApp.context, publication.id)).toEqual(expected);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  expect((await sent()).forecast).toEqual(expected);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(4);
});
