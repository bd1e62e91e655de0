import { afterEach, beforeEach, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { forecastDigest } from '../../../src/deliveries/plan/forecast.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { DEFAULT_ORDER, type DigestOrder } from '../../../src/digests/digest.js';
import { listDigests } from '../../../src/digests/reads.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, describePlan } from '../../support/fixtures.js';
import { retractArticle } from '../../../src/articles/release/decide-article.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

let house: TestApp;
let publication: Publication;
let harbour: string;
let storm: string;

beforeEach(async () => {
  house = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await house.createPublication({ defaultCadence: 'daily' });
  [harbour = '', storm = ''] = await addArticles(house, publication, 'Harbour', 'Storm');
});
afterEach(() => house.close());

const order = (wishes: Partial<DigestOrder> & { sendAt?: Date }) =>
  sendOperatorDigest(house.context, publication.id, wishes);
const mails = () =>
  Promise.all(house.smtp.messages.map(async ({ to, raw }) => ({ to, mail: await PostalMime.parse(raw) })));

test('chosen articles go to all confirmed readers but those who have had them, whatever their watermarks', async () => {
  await addReader(house, publication, 'due@example.com', { watermark: 0 });
  await addReader(house, publication, 'newcomer@example.com', { watermark: 2 });
  await addReader(house, publication, 'paused@example.com', { watermark: 0, status: 'paused' });
  expect(await order({ articleIds: [storm] })).toMatchObject({
    forecast: { readers: 2, articleIds: [storm] },
  });
  await house.runDueJobs();
  expect(await describePlan(house)).toEqual([
    'due@example.com operator : Storm',
    'newcomer@example.com operator : Storm',
  ]);

  house.smtp.messages.length = 0;
  expect(await order({ articleIds: [storm] })).toEqual({ kind: 'nobody-due' });
  await order({ articleIds: [harbour, storm] });
  await house.runDueJobs();
  expect((await mails()).map(({ to, mail }) => `${to}: ${mail.subject}`).sort()).toEqual([
    'due@example.com: Harbour',
    'newcomer@example.com: Harbour',
  ]);

  house.smtp.messages.length = 0;
  await order({ articleIds: [storm], again: true });
  await house.runDueJobs();
  expect(house.smtp.messages).toHaveLength(2);
});

test('what an order brought is left out of her next daily digest, and the rest of it comes', async () => {
  await addReader(house, publication, 'due@example.com', { watermark: 0 });
  await order({ articleIds: [storm] });
  await house.runDueJobs();
  house.advanceClock(24 * HOUR_MS);
  await house.handlers['plan-due']({});
  await house.runDueJobs();
  expect((await mails()).map(({ mail }) => mail.subject)).toEqual(['Storm', 'Harbour']);
});

test('an order is for readers of one cadence, language or topic when it says so', async () => {
  await addReader(house, publication, 'daily@example.com', { watermark: 0 });
  await addReader(house, publication, 'weekly@example.com', {
    watermark: 0,
    cadence: 'weekly',
    locale: 'sw',
  });
  await addReader(house, publication, 'sea@example.com', { watermark: 0, topics: ['Sea'] });
  const readersOf = async (audience: DigestOrder['audience']) =>
    (await forecastDigest(house.context, publication.id, { ...DEFAULT_ORDER, articleIds: [storm], audience }))
      .readers;
  expect(await readersOf({})).toBe(3);
  expect(await readersOf({ cadence: 'weekly' })).toBe(1);
  expect(await readersOf({ locale: 'sw' })).toBe(1);
  // Who chose no topic gets every topic.
  expect(await readersOf({ topics: ['Sea'] })).toBe(3);
  expect(await readersOf({ topics: ['Town'] })).toBe(2);
  await order({ articleIds: [storm], audience: { cadence: 'weekly' } });
  await house.runDueJobs();
  expect(house.smtp.messages.map(({ to }) => to)).toEqual(['weekly@example.com']);
});

test('an announcement has words and no articles, and reaches everyone once', async () => {
  await addReader(house, publication, 'ada@example.com', { watermark: 2 });
  const note = 'We are moving to a new building.\n\nThe door is <round> the corner.';
  await order({ articleIds: [], subject: 'We are moving', note });
  await house.runDueJobs();
  await house.runDueJobs();
  const [received, ...others] = await mails();
  expect(others).toEqual([]);
  expect(received?.mail.subject).toBe('We are moving');
  expect(received?.mail.text).toContain('The door is <round> the corner.');
  expect(received?.mail.html).toContain('The door is &lt;round&gt; the corner.');
  expect(received?.mail.html).not.toMatch(/\uE000/);
});

test('an order for later waits for its time, and finds its readers then', async () => {
  const sendAt = new Date(house.context.now().getTime() + HOUR_MS);
  expect(await order({ sendAt, subject: 'This morning' })).toMatchObject({ kind: 'sending' });
  expect((await listDigests(house.context.db, publication.id, 1))[0]?.state).toBe('approved');
  await addReader(house, publication, 'late@example.com', { watermark: 0, cadence: 'weekly' });
  await house.runDueJobs();
  expect(house.smtp.messages).toEqual([]);
  house.advanceClock(HOUR_MS);
  await house.runDueJobs();
  expect((await mails()).map(({ to, mail }) => `${to}: ${mail.subject}`)).toEqual([
    'late@example.com: This morning',
  ]);
  expect((await listDigests(house.context.db, publication.id, 1))[0]?.state).toBe('sending');
});

test('an article that is retracted before an order is planned goes to nobody', async () => {
  await addReader(house, publication, 'ada@example.com', { watermark: 0 });
  await order({ articleIds: [storm] });
  await retractArticle(house.context, storm);
  await house.runDueJobs();
  expect(house.smtp.messages).toEqual([]);
});
