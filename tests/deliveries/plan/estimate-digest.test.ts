import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { estimateDigest, forecastForPage } from '../../../src/deliveries/plan/estimate-digest.js';
import { forecastDigest } from '../../../src/deliveries/plan/forecast.js';
import { planDue } from '../../../src/deliveries/plan/plan-digests.js';
import { planOperatorDigest, sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { DEFAULT_ORDER } from '../../../src/digests/digest.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { findPublication } from '../../../src/publications/reads.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let app: TestApp;
let publication: Publication;

/** Sunday, 06:00 in Nairobi: an hour before the readers' hour. */
beforeEach(async () => {
  app = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await app.createPublication({ topics: ['Sea', 'Sky'] });
  const emails = readerAddresses(12);
  await addReaders(app, publication, emails.slice(0, 3), { cadence: 'daily', topics: ['Sea'] });
  await addReaders(app, publication, emails.slice(3, 5), { cadence: 'daily', topics: ['Sky'] });
  await addReaders(app, publication, emails.slice(5, 9), { cadence: 'daily', topics: [] });
  await addReaders(app, publication, emails.slice(9, 12), { cadence: 'monthly', topics: ['Sky', 'Sea'] });
});
afterEach(() => app.close());

const article = (title: string, ...categories: string[]) =>
  addArticles(app, publication, {
    title,
    url: `https://lantern.example/${title}`,
    content: `<p>${title}.</p>`,
    categories,
  });

/** As for a newsletter with so many readers that nobody is looked at, and as planning would find them one by one. */
async function estimateBoth(order = DEFAULT_ORDER) {
  const { db } = app.context;
  const now = await findPublication(db, publication.id);
  if (now === undefined) throw new Error('The publication is gone');
  const exact = await forecastDigest({ db }, publication.id, order);
  const { isAbout, ...about } = await estimateDigest({ db }, now, order, 0);
  expect(isAbout).toBe(true);
  return { about, exact: { readers: exact.readers, articleIds: exact.articleIds } };
}

test('an estimate is what planning would find: before the first digest, after it, and after an operator has sent', async () => {
  expect((await estimateBoth()).about).toEqual({ readers: 0, articleIds: [] });
  await article('Harbour', 'Sea');
  const first = await estimateBoth();
  expect(first.about).toEqual(first.exact);
  expect(first.about.readers).toBe(10);
  app.advanceClock(HOUR_MS);
  await planDue(app.context);
  await article('Moon', 'Sky');
  const second = await estimateBoth();
  expect(second.about).toEqual(second.exact);
  const daily = await estimateBoth({ ...DEFAULT_ORDER, audience: { cadence: 'daily' } });
  expect(daily.about).toEqual(daily.exact);
  expect(daily.about.readers).toBe(6);
  const sent = await sendOperatorDigest(app.context, publication.id);
  if (sent.kind !== 'sending') throw new Error('Nothing is sent');
  await planOperatorDigest(app.context, sent.digestId);
  expect((await estimateBoth()).about.articleIds).toEqual([]);
});

test('with few readers each is looked at, and an archived newsletter has none', async () => {
  await article('Harbour', 'Sea');
  const { db } = app.context;
  expect(await estimateDigest({ db }, publication)).toMatchObject({ readers: 10, isAbout: false });
  expect(await estimateDigest({ db }, { ...publication, archivedAt: new Date() })).toMatchObject({
    isAbout: false,
  });
});

test('a page looks at the oldest readers only, and tells by the last digests where those are due nothing', async () => {
  const { db } = app.context;
  await article('Harbour', 'Sea');
  app.advanceClock(HOUR_MS);
  await planDue(app.context);
  await addReader(app, publication, 'new@example.com', { cadence: 'daily', watermark: 1 });
  const [moon] = await article('Moon', 'Sky');
  const order = { ...DEFAULT_ORDER, audience: { cadence: 'daily' as const } };
  const forecast = (maxRead: number) =>
    forecastForPage({ db }, publication.id, order, { maxCounted: 100, maxLooked: 100, maxRead });
  expect(await forecast(13)).toEqual({ readers: 7, more: false, articleIds: [moon] });
  expect(await forecast(4)).toEqual({ readers: 1, more: true, articleIds: [moon] });
  // They chose another topic.
  expect(await forecast(3)).toEqual({ readers: 0, more: true, articleIds: [moon] });
});
