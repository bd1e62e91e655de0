import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseAtomFeed } from 'feedsmith';
import { correctArticle } from '../../../../src/articles/release/correct-article.js';
import { sendOperatorDigest } from '../../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addArticles, addReader } from '../../../support/fixtures.js';
import { open } from '../../../support/reader-actions.js';
import { retractArticle } from '../../../../src/articles/release/decide-article.js';
import { archivePublication } from '../../../../src/publications/change-publication.js';
import { HOUR_MS } from '../../../../src/platform/durations.js';

let testApp: TestApp;
let publication: Publication;
let articles: string[];

beforeAll(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T05:00:00Z') });
  publication = await testApp.createPublication({
    defaultCadence: 'daily',
    hour: 7,
    timezone: 'UTC',
    holdMinutes: 0,
  });
  for (const topic of ['Sea', 'Town'])
    await addReader(testApp, publication, `${topic}@example.com`, { topics: [topic] });
  articles = await addArticles(
    testApp,
    publication,
    { title: 'Ferry', categories: ['Sea'] },
    { title: 'Clock', categories: ['Town'] },
    { title: 'Harbour', categories: ['Sea', 'Town'] },
  );
});

afterAll(() => testApp.close());

const page = (path: string) => open(`${testApp.url}/lantern/${path}`);
const titlesOn = async (path: string) =>
  Array.from(
    (await (await page(path)).text()).matchAll(/archive\/[0-9a-f-]{36}" dir="auto">([^<]+)/g),
    ([, title]) => title,
  );

test('a digest is in the archive from its first mail on, with all that any of its readers was sent', async () => {
  const sendAt = new Date(testApp.context.now().getTime() + 26 * HOUR_MS);
  const order = {
    subject: 'Ordered long ago',
    note: 'Good morning {{email}}.',
    articleIds: [],
    audience: {},
  };
  expect(await sendOperatorDigest(testApp.context, publication.id, { ...order, sendAt })).toMatchObject({
    kind: 'sending',
  });
  await testApp.runDueJobs();
  expect(await titlesOn('archive')).toEqual([]);
  testApp.advanceClock(2 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  const { id } = await testApp.context.db.one<{ id: string }>(
    sql`select id from digests where cadence = 'daily'`,
  );
  expect((await page(`archive/${id}`)).status).toBe(404);
  await testApp.runDueJobs();
  const text = await (await page(`archive/${id}`)).text();
  const places = ['Ferry', 'Clock', 'Harbour'].map((title) => text.indexOf(`<h2>${title}`));
  expect(places[0]).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('an operator’s digest for later stands at the time when it was sent, with its text as it was typed', async () => {
  testApp.advanceClock(24 * HOUR_MS);
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
  expect(await titlesOn('archive')).toEqual(['Ordered long ago', 'Ferry, and 2 more']);
  const feed = parseAtomFeed(await (await page('feed.xml')).text());
  expect(feed.entries?.map(({ title }) => title?.value)).toEqual(['Ordered long ago', 'Ferry, and 2 more']);
  expect(await (await page('archive')).text()).toContain('Good morning {{email}}.');
});

test('a correction changes the feed; a retracted article is gone from it, also for conditional requests', async () => {
  const before = await page('feed.xml');
  const remembered = new Date(testApp.context.now().getTime() + 48 * HOUR_MS).toUTCString();
  testApp.advanceClock(HOUR_MS);
  await correctArticle(testApp.context, articles[1] ?? '', {
    title: 'Clock tower',
    authors: [],
    categories: ['Town'],
  });
  const [, daily] = parseAtomFeed(await (await page('feed.xml')).text()).entries ?? [];
  expect(daily?.updated).toBe(testApp.context.now().toISOString());
  expect(daily?.published).not.toBe(daily?.updated);
  await retractArticle(testApp.context, articles[0] ?? '');
  const after = await fetch(`${testApp.url}/lantern/feed.xml`, {
    headers: { 'if-modified-since': remembered, 'cache-control': 'max-age=0' },
  });
  expect(after.status).toBe(200);
  expect(await after.text()).not.toContain('Ferry');
  expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
});

test('an archived newsletter keeps its archive, and asks nobody to sign up', async () => {
  await archivePublication(testApp.context, publication.id);
  expect(await titlesOn('archive')).toEqual(['Ordered long ago', 'Clock tower, and one more']);
  const stopped = await (await open(`${testApp.url}/lantern`)).text();
  expect(stopped).toContain('href="/lantern/archive"');
  const { id } = await testApp.context.db.one<{ id: string }>(
    sql`select id from digests where cadence = 'daily'`,
  );
  for (const path of ['archive', `archive/${id}`]) {
    const answer = await page(path);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/<form|Subscribe by email/);
  }
});
