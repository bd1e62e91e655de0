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

let house: TestApp;
let publication: Publication;
let articles: string[];

beforeAll(async () => {
  house = await openTestApp({ now: new Date('2026-11-22T05:00:00Z') });
  publication = await house.createPublication({
    defaultCadence: 'daily',
    hour: 7,
    timezone: 'UTC',
    holdMinutes: 0,
  });
  for (const topic of ['Sea', 'Town'])
    await addReader(house, publication, `${topic}@example.com`, { topics: [topic] });
  articles = await addArticles(
    house,
    publication,
    { title: 'Ferry', categories: ['Sea'] },
    { title: 'Clock', categories: ['Town'] },
    { title: 'Harbour', categories: ['Sea', 'Town'] },
  );
});

afterAll(() => house.close());

const page = (path: string) => open(`${house.url}/lantern/${path}`);
const titlesOn = async (path: string) =>
  Array.from(
    (await (await page(path)).text()).matchAll(/archive\/[0-9a-f-]{36}" dir="auto">([^<]+)/g),
    ([, title]) => title,
  );

test('a digest is in the archive from its first mail on, with all that any of its readers was sent', async () => {
  const sendAt = new Date(house.context.now().getTime() + 26 * HOUR_MS);
  const order = {
    subject: 'Ordered long ago',
    note: 'Good morning {{email}}.',
    articleIds: [],
    audience: {},
  };
  expect(await sendOperatorDigest(house.context, publication.id, { ...order, sendAt })).toMatchObject({
    kind: 'sending',
  });
  await house.runDueJobs();
  expect(await titlesOn('archive')).toEqual([]);
  house.advanceClock(2 * HOUR_MS);
  await house.handlers['plan-due']({});
  const { id } = await house.context.db.one<{ id: string }>(
    sql`select id from digests where cadence = 'daily'`,
  );
  expect((await page(`archive/${id}`)).status).toBe(404);
  await house.runDueJobs();
  const text = await (await page(`archive/${id}`)).text();
  const places = ['Ferry', 'Clock', 'Harbour'].map((title) => text.indexOf(`<h2 dir="auto">${title}`));
  expect(places[0]).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('what was ordered ahead stands where it went out, and its words are shown as they were typed', async () => {
  house.advanceClock(24 * HOUR_MS);
  await house.handlers['plan-due']({});
  await house.runDueJobs();
  expect(await titlesOn('archive')).toEqual(['Ordered long ago', 'Ferry, and 2 more']);
  const feed = parseAtomFeed(await (await page('feed.xml')).text());
  expect(feed.entries?.map(({ title }) => title?.value)).toEqual(['Ordered long ago', 'Ferry, and 2 more']);
  expect(await (await page('archive')).text()).toContain('Good morning {{email}}.');
});

test('a correction is news for feed readers; what is taken back is gone, whatever they remember of the feed', async () => {
  const before = await page('feed.xml');
  const remembered = new Date(house.context.now().getTime() + 48 * HOUR_MS).toUTCString();
  house.advanceClock(HOUR_MS);
  await correctArticle(house.context, articles[1] ?? '', {
    title: 'Clock tower',
    authors: [],
    categories: ['Town'],
  });
  const [, daily] = parseAtomFeed(await (await page('feed.xml')).text()).entries ?? [];
  expect(daily?.updated).toBe(house.context.now().toISOString());
  expect(daily?.published).not.toBe(daily?.updated);
  await retractArticle(house.context, articles[0] ?? '');
  const after = await fetch(`${house.url}/lantern/feed.xml`, {
    headers: { 'if-modified-since': remembered, 'cache-control': 'max-age=0' },
  });
  expect(after.status).toBe(200);
  expect(await after.text()).not.toContain('Ferry');
  expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
});

test('a newsletter that has stopped keeps its archive, and asks nobody to sign up', async () => {
  await archivePublication(house.context, publication.id);
  expect(await titlesOn('archive')).toEqual(['Ordered long ago', 'Clock tower, and one more']);
  const stopped = await (await open(`${house.url}/lantern`)).text();
  expect(stopped).toContain('href="/lantern/archive"');
  const { id } = await house.context.db.one<{ id: string }>(
    sql`select id from digests where cadence = 'daily'`,
  );
  for (const path of ['archive', `archive/${id}`]) {
    const answer = await page(path);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toMatch(/<form|Subscribe by email/);
  }
});
