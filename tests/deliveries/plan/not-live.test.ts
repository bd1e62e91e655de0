import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { forecastDigest } from '../../../src/deliveries/plan/forecast.js';
import { previewReader } from '../../../src/deliveries/plan/preview-reader.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { goLive } from '../../../src/publications/go-live.js';
import { findPublication, listPublicationsBehindOnInstant } from '../../../src/publications/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { describePlan } from '../../support/deliveries.js';
import { addArticles, addReader, reloadReader, resetTestApp } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
});

afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({}, { isLive: false });
});

/** Lets hours pass; planning runs every one of them, as it does every quarter of a minute. */
async function passHours(hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    testApp.advanceClock(HOUR_MS);
    await planDue(testApp.context);
    await testApp.runDueJobs();
  }
}

/** Without the days of daily digests: the clock goes on from test to test. */
const planned = async () => (await describePlan(testApp)).map((line) => line.replace(/ [\d-]{10}:/, ':'));

const live = (sendsReleased: boolean) => goLive(testApp.context, publication.id, { sendsReleased });

test('a publication that is being set up sends no digest, its readers stay where they are, and their hours pass', async () => {
  const instant = await addReader(testApp, publication, 'ada@example.com');
  const daily = await addReader(testApp, publication, 'bea@example.com', { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await planInstant(testApp.context, publication.id);
  await passHours(30);
  expect(await describePlan(testApp)).toEqual([]);
  expect(testApp.smtp.messages).toEqual([]);
  expect((await reloadReader(testApp, instant)).watermark).toBe(0);
  const after = await reloadReader(testApp, daily);
  expect(after.watermark).toBe(0);
  expect(after.nextDueAt?.getTime()).toBeGreaterThan(testApp.context.now().getTime());
  // The sweep does not find it again and again.
  expect(await listPublicationsBehindOnInstant(testApp.context.db)).toEqual([]);
  const preview = await previewReader(testApp.context, publication, 'bea@example.com');
  expect(preview?.why).toBe('The publication is not live yet: it sends no digests.');
});

test('live, with what came before counting as sent, readers get the next article, each by her rhythm', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  await addReader(testApp, publication, 'bea@example.com', { cadence: 'daily', hour: 7 });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await passHours(3);
  expect(await live(false)).toEqual({ kind: 'live' });
  await passHours(30);
  expect(await describePlan(testApp)).toEqual([]);
  await addArticles(testApp, publication, 'Moon');
  await passHours(24);
  expect(await planned()).toEqual(['ada@example.com instant 3: Moon', 'bea@example.com daily: Moon']);
});

test('live, with what came before, each gets it by her rhythm, and once', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  await addReader(testApp, publication, 'bea@example.com', { cadence: 'daily', hour: 7 });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  await passHours(3);
  await live(true);
  await testApp.runDueJobs();
  expect(await planned()).toEqual(['ada@example.com instant 1: Harbour', 'ada@example.com instant 2: Storm']);
  await passHours(48);
  expect((await planned()).slice(2)).toEqual(['bea@example.com daily: Harbour, Storm']);
});

test('a digest by hand is refused before it is live, and finds only what came after', async () => {
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'monthly' });
  await addArticles(testApp, publication, 'Harbour');
  const before = await dumpTables(testApp.context.db);
  expect(await sendOperatorDigest(testApp.context, publication.id)).toEqual({ kind: 'not-live' });
  expect((await forecastDigest(testApp.context, publication.id)).readers).toBe(0);
  expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  await live(false);
  expect(await sendOperatorDigest(testApp.context, publication.id)).toEqual({ kind: 'nobody-due' });
  const [, moon] = [...(await addArticles(testApp, publication, 'Tide', 'Moon'))];
  const sent = await sendOperatorDigest(testApp.context, publication.id);
  expect(sent.kind === 'sending' && sent.forecast.articleIds.at(-1)).toBe(moon);
  expect(sent.kind === 'sending' && sent.forecast.articleIds).toHaveLength(2);
});

test('what is live stays so, and what is archived does not become it', async () => {
  await live(false);
  const first = await findPublication(testApp.context.db, publication.id);
  testApp.advanceClock(HOUR_MS);
  expect(await live(true)).toEqual({ kind: 'not-set-up' });
  expect(await findPublication(testApp.context.db, publication.id)).toEqual(first);
  const old = await testApp.createPublication({ slug: 'old' }, { isLive: false });
  await archivePublication(testApp.context, old.id);
  expect(await goLive(testApp.context, old.id, { sendsReleased: true })).toEqual({ kind: 'not-set-up' });
});
