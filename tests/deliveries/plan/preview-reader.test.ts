import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { previewReader } from '../../../src/deliveries/plan/preview-reader.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import type { NewPublication, Publication } from '../../../src/publications/publication.js';
import { findPublication } from '../../../src/publications/reads.js';
import { changeChoices } from '../../../src/subscribers/preferences/change-choices.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  addArticles,
  addReader,
  resetTestApp,
  reloadReader,
  type ReaderSettings,
} from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { archivePublication } from '../../../src/publications/change-publication.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { listDeliveries } from '../../support/deliveries.js';

/** Of a Sunday in Nairobi. */
const noon = new Date('2026-11-22T09:00:00Z');

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  testApp.advanceClock(noon.getTime() - testApp.context.now().getTime());
});

async function publish(settings: Partial<NewPublication> = {}): Promise<void> {
  publication = await testApp.createPublication({ topics: ['Harbour', 'Town'], ...settings });
}

const email = 'ada@example.com';
const reads = (settings: ReaderSettings) => addReader(testApp, publication, email, settings);

async function preview(at?: Date) {
  const current = await findPublication(testApp.context.db, publication.id);
  const found = await previewReader(testApp.context, current ?? publication, email, at);
  if (found === undefined) throw new Error('She does not read this');
  return found;
}

/** What the preview says of a moment, and then what happens when that moment has come. */
async function previewAndPlan(reader: Subscription, at: Date) {
  const before = await dumpTables(testApp.context.db, []);
  const said = await preview(at);
  expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  const earlier = (await listDeliveries(testApp)).length;
  testApp.advanceClock(at.getTime() - testApp.context.now().getTime());
  await testApp.handlers['release-due']({});
  await testApp.runDueJobs();
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  await testApp.handlers['plan-due']({});
  const planned = (await listDeliveries(testApp)).slice(earlier);
  const { articles } = await titles();
  const mails = said.digests.map((mailing) => ({
    cadence: mailing.cadence,
    period: mailing.period,
    titles: mailing.articles.map(({ id }) => articles.get(id)),
  }));
  expect(planned.map(({ cadence, period, titles: listed }) => ({ cadence, period, titles: listed }))).toEqual(
    mails,
  );
  expect((await reloadReader(testApp, reader)).nextDueAt).toEqual(said.nextDueAt);
  return said;
}

async function titles() {
  const rows = await testApp.context.db.pool.query<{ id: string; title: string }>(
    'select id, title from articles',
  );
  return { articles: new Map(rows.rows.map(({ id, title }) => [id, title])) };
}

const inHours = (hours: number) => new Date(testApp.context.now().getTime() + hours * HOUR_MS);

test('an instant reader: each article a mail, up to three; more at once are one daily digest', async () => {
  await publish();
  const reader = await reads({ cadence: 'instant' });
  expect((await previewAndPlan(reader, inHours(0))).why).toBe(
    'Nothing was released since article number 0, her last.',
  );
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  expect((await previewAndPlan(reader, inHours(0))).why).toBe('She is due 2 articles in 2 mails (instant).');
  await addArticles(testApp, publication, 'One', 'Two', 'Three', 'Four');
  expect((await previewAndPlan(reader, inHours(0))).why).toBe('She is due 4 articles in 1 mail (instant).');
  await addArticles(testApp, publication, 'Five', 'Six', 'Seven', 'Eight');
  const said = await previewAndPlan(reader, inHours(1));
  expect(said.why).toBe('She has had the daily digest of 2026-11-22: what is new waits for her next one.');
});

test.each([
  ['daily', { hour: 18 }, '2026-11-22T15:00:00.000Z', '2026-11-22'],
  ['weekly', { weekday: 3, hour: 7 }, '2026-11-25T04:00:00.000Z', '2026-W48'],
  ['monthly', { dayOfMonth: 31, hour: 23 }, '2026-11-30T20:00:00.000Z', '2026-11'],
] as const)(
  'a %s reader: nothing before her hour, then her list, and then the next period',
  async (cadence, rhythm, due, period) => {
    await publish();
    const reader = await reads({ cadence, ...rhythm });
    await addArticles(testApp, publication, 'Harbour');
    expect(await previewAndPlan(reader, inHours(1))).toMatchObject({
      digests: [],
      why: `She is not due before ${due} (${cadence}, Africa/Nairobi).`,
    });
    expect(await previewAndPlan(reader, new Date(due))).toMatchObject({
      digests: [{ cadence, period }],
      why: `She is due 1 article in 1 mail (${cadence}).`,
    });
  },
);

test('a daily reader with nothing new gets no mail at her hour', async () => {
  await publish();
  const reader = await reads({ cadence: 'daily', hour: 18 });
  const said = await previewAndPlan(reader, new Date('2026-11-22T15:00:00Z'));
  expect(said).toMatchObject({ digests: [], nextDueAt: new Date('2026-11-23T15:00:00Z') });
  expect(said.why).toBe('Nothing was released since article number 0, her last.');
});

test('a reader who moved her hour to later today, after today’s digest, gets no second one', async () => {
  await publish();
  const reader = await reads({ cadence: 'daily', hour: 13 });
  await addArticles(testApp, publication, 'Harbour');
  await previewAndPlan(reader, new Date('2026-11-22T10:00:00Z'));
  await changeChoices(testApp.context, reader.id, { hour: 20 });
  await addArticles(testApp, publication, 'Storm');
  const said = await previewAndPlan(reader, new Date('2026-11-22T17:00:00Z'));
  expect(said).toMatchObject({ digests: [], nextDueAt: new Date('2026-11-23T17:00:00Z') });
  expect(said.why).toBe('She has had the daily digest of 2026-11-22: what is new waits for her next one.');
  expect((await previewAndPlan(reader, new Date('2026-11-23T17:00:00Z'))).digests).toHaveLength(1);
});

test('topics: only what matches, in letters of any case; else the sentence names them', async () => {
  await publish();
  const reader = await reads({ cadence: 'instant', topics: ['Harbour', 'Town'] });
  await addArticles(testApp, publication, { title: 'Far', categories: ['World'] }, { title: 'None' });
  expect((await previewAndPlan(reader, inHours(0))).why).toBe(
    'None of 2 new articles matches her topics (Harbour, Town).',
  );
  await addArticles(
    testApp,
    publication,
    { title: 'Boats', categories: ['World', ' harbour '] },
    { title: 'Far 2' },
  );
  expect((await previewAndPlan(reader, inHours(0))).why).toBe('She is due 1 article in 1 mail (instant).');
});

test('what an operator’s digest brought her does not come again', async () => {
  await publish();
  const reader = await reads({ cadence: 'daily', hour: 18 });
  await addArticles(testApp, publication, 'Harbour');
  await sendOperatorDigest(testApp.context, publication.id);
  await testApp.runDueJobs();
  const due = new Date('2026-11-22T15:00:00Z');
  const said = await preview(due);
  expect([said.digests, said.why]).toEqual([[], 'An operator’s digest has brought her everything already.']);
  await addArticles(testApp, publication, 'Storm');
  expect((await previewAndPlan(reader, due)).digests).toMatchObject([{ articles: [{ seq: 2 }] }]);
});

test('an article in its hold window counts from the moment the window is over', async () => {
  await publish({ holdMinutes: 30 });
  const reader = await reads({ cadence: 'instant' });
  for (const title of ['First', 'Second']) {
    await pushArticle(testApp.context, publication, { title, content: '<p>News.</p>' });
    testApp.advanceClock(MINUTE_MS);
  }
  expect(await preview()).toMatchObject({
    digests: [],
    why: 'Nothing was released since article number 0, her last.',
  });
  expect((await preview(inHours(28.5 / 60))).digests).toHaveLength(1);
  expect((await previewAndPlan(reader, inHours(0.5))).digests).toMatchObject([
    { period: '1' },
    { period: '2' },
  ]);
});

test('each reason why a reader is mailed nothing has its own sentence, and no due time', async () => {
  await publish();
  await addArticles(testApp, publication, 'Harbour');
  const later = new Date(testApp.context.now().getTime() + 40 * DAY_MS);
  for (const [status, why] of [
    ['pending', 'She has not confirmed.'],
    ['paused', 'Her subscription is paused.'],
    ['unsubscribed', 'Her subscription is unsubscribed.'],
  ] as const) {
    await addReader(testApp, publication, `${status}@example.com`, {
      status,
      cadence: 'daily',
      watermark: 0,
    });
    const found = await previewReader(testApp.context, publication, `${status}@EXAMPLE.com`, later);
    expect(found).toMatchObject({ digests: [], nextDueAt: null, why });
  }
  const reader = await reads({ cadence: 'daily', watermark: 0 });
  await blockAddress(testApp.context, reader.id);
  expect(await preview(later)).toMatchObject({
    nextDueAt: null,
    why: 'Her address is suppressed: it is never mailed.',
  });
  await addReader(testApp, publication, 'bea@example.com', { cadence: 'daily', watermark: 0 });
  await archivePublication(testApp.context, publication.id);
  const archived = (await findPublication(testApp.context.db, publication.id)) ?? publication;
  expect(await previewReader(testApp.context, archived, 'bea@example.com', later)).toMatchObject({
    digests: [],
    nextDueAt: null,
    why: 'The publication is archived: it sends nothing.',
  });
  expect(await previewReader(testApp.context, publication, 'stranger@example.com')).toBeUndefined();
  expect(await previewReader(testApp.context, publication, 'no address')).toBeUndefined();
});
