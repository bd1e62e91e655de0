import { afterEach, beforeEach, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { findArchivePage } from '../../../src/digests/archive/pages.js';
import { forecastDigest } from '../../../src/deliveries/plan/forecast.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { DEFAULT_ORDER, type DigestOrder } from '../../../src/digests/digest.js';
import { listDigests } from '../../../src/digests/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader } from '../../support/fixtures.js';
import { retractArticle } from '../../../src/articles/release/decide-article.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { describePlan } from '../../support/deliveries.js';

let testApp: TestApp;
let publication: Publication;
let harbour: string;
let storm: string;

beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  [harbour = '', storm = ''] = await addArticles(testApp, publication, 'Harbour', 'Storm');
});
afterEach(() => testApp.close());

const order = (wishes: Partial<DigestOrder> & { sendAt?: Date }) =>
  sendOperatorDigest(testApp.context, publication.id, wishes);
const mails = () =>
  Promise.all(testApp.smtp.messages.map(async ({ to, raw }) => ({ to, mail: await PostalMime.parse(raw) })));

test('chosen articles go to all confirmed readers but those who have had them, whatever their watermarks', async () => {
  await addReader(testApp, publication, 'due@example.com', { watermark: 0 });
  await addReader(testApp, publication, 'newcomer@example.com', { watermark: 2 });
  await addReader(testApp, publication, 'paused@example.com', { watermark: 0, status: 'paused' });
  expect(await order({ articleIds: [storm] })).toMatchObject({
    forecast: { readers: 2, articleIds: [storm] },
  });
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toEqual([
    'due@example.com operator : Storm',
    'newcomer@example.com operator : Storm',
  ]);

  testApp.smtp.messages.length = 0;
  expect(await order({ articleIds: [storm] })).toEqual({ kind: 'nobody-due' });
  await order({ articleIds: [harbour, storm] });
  await testApp.runDueJobs();
  expect((await mails()).map(({ to, mail }) => `${to}: ${mail.subject}`).sort()).toEqual([
    'due@example.com: Harbour',
    'newcomer@example.com: Harbour',
  ]);

  testApp.smtp.messages.length = 0;
  await order({ articleIds: [storm], again: true });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(2);
});

test('articles of an operator’s digest are left out of her next daily digest, and the rest of it comes', async () => {
  await addReader(testApp, publication, 'due@example.com', { watermark: 0 });
  await order({ articleIds: [storm] });
  await testApp.runDueJobs();
  testApp.advanceClock(24 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  expect((await mails()).map(({ mail }) => mail.subject)).toEqual(['Storm', 'Harbour']);
});

test('an order is for readers of one cadence, language or topic when it says so', async () => {
  await addReader(testApp, publication, 'daily@example.com', { watermark: 0 });
  await addReader(testApp, publication, 'weekly@example.com', {
    watermark: 0,
    cadence: 'weekly',
    locale: 'sw',
  });
  await addReader(testApp, publication, 'sea@example.com', { watermark: 0, topics: ['Sea'] });
  const readersOf = async (audience: DigestOrder['audience']) =>
    (
      await forecastDigest(testApp.context, publication.id, {
        ...DEFAULT_ORDER,
        articleIds: [storm],
        audience,
      })
    ).readers;
  expect(await readersOf({})).toBe(3);
  expect(await readersOf({ cadence: 'weekly' })).toBe(1);
  expect(await readersOf({ locale: 'sw' })).toBe(1);
  // Who chose no topic gets every topic.
  expect(await readersOf({ topics: ['Sea'] })).toBe(3);
  expect(await readersOf({ topics: ['Town'] })).toBe(2);
  await order({ articleIds: [storm], audience: { cadence: 'weekly' } });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['weekly@example.com']);
});

test('an announcement has words and no articles, and reaches everyone once', async () => {
  await addReader(testApp, publication, 'ada@example.com', { watermark: 2 });
  const note = 'We are moving to a new building.\n\nThe door is <round> the corner.';
  await order({ articleIds: [], subject: 'We are moving', note });
  await testApp.runDueJobs();
  await testApp.runDueJobs();
  const [received, ...others] = await mails();
  expect(others).toEqual([]);
  expect(received?.mail.subject).toBe('We are moving');
  expect(received?.mail.text).toContain('The door is <round> the corner.');
  expect(received?.mail.html).toContain('The door is &lt;round&gt; the corner.');
  expect(received?.mail.html).not.toMatch(/\uE000/);
});

test('an order for later waits for its time, and finds its readers then', async () => {
  const sendAt = new Date(testApp.context.now().getTime() + HOUR_MS);
  expect(await order({ sendAt, subject: 'This morning' })).toMatchObject({ kind: 'sending' });
  expect((await listDigests(testApp.context.db, publication.id, 1))[0]?.state).toBe('approved');
  await addReader(testApp, publication, 'late@example.com', { watermark: 0, cadence: 'weekly' });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toEqual([]);
  testApp.advanceClock(HOUR_MS);
  await testApp.runDueJobs();
  expect((await mails()).map(({ to, mail }) => `${to}: ${mail.subject}`)).toEqual([
    'late@example.com: This morning',
  ]);
  expect((await listDigests(testApp.context.db, publication.id, 1))[0]?.state).toBe('sending');
});

test('an article that is retracted before an order is planned goes to nobody', async () => {
  await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await order({ articleIds: [storm] });
  await retractArticle(testApp.context, storm);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toEqual([]);
});

test('an order to several rhythms reaches who has one of them, and everybody may read it; with words of its own it is theirs', async () => {
  for (const cadence of ['instant', 'daily', 'weekly'] as const)
    await addReader(testApp, publication, `${cadence}@example.com`, { cadence, watermark: 0 });
  const audience = { cadence: ['instant', 'daily'] as const };
  const orders = [
    await order({ audience }),
    await order({ audience, again: true, articleIds: [storm], note: 'Hello' }),
  ];
  await testApp.runDueJobs();
  const chosen = ['daily@example.com', 'instant@example.com'];
  expect(new Set(testApp.smtp.messages.map(({ to }) => to))).toEqual(new Set(chosen));
  const kinds = [];
  for (const sent of orders)
    if (sent.kind === 'sending')
      kinds.push((await findArchivePage(testApp.context, publication.id, sent.digestId)).kind);
  expect(kinds).toEqual(['digest', 'unknown']);
  const linked = (await mails()).map(({ mail }) => mail.html?.includes('/lantern/archive/'));
  expect(new Set(linked)).toEqual(new Set([true, false]));
});

test('a forecast looks at as many readers as it is told, and says that there may be more', async () => {
  for (const name of ['a', 'b', 'c'])
    await addReader(testApp, publication, `${name}@example.com`, { watermark: 2 });
  const { db } = testApp.context;
  expect(await forecastDigest({ db }, publication.id)).toMatchObject({ readers: 0, more: false });
  expect(
    await forecastDigest({ db }, publication.id, DEFAULT_ORDER, { maxCounted: 1, maxLooked: 0 }),
  ).toMatchObject({
    readers: 0,
    more: true,
  });
});
