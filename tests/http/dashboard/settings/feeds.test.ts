import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { listFeeds } from '../../../../src/articles/feeds/reads.js';
import { listArticles } from '../../../../src/articles/reads.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { startFeedServer, type FeedServer } from '../../../support/feed-server.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { findForm } from '../../../support/html-form.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const PATH = '/operator/publications/lantern/settings/feeds';
const KEPT = ['rate_limits', 'operator_sessions'];

let testApp: TestApp;
let server: FeedServer;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
  server = await startFeedServer();
});

afterAll(async () => {
  await testApp.close();
  await server.close();
});

beforeEach(async () => {
  await resetTestApp(testApp);
  server.articles.length = 0;
  server.setResponse('/', undefined);
  publication = await testApp.createPublication();
  cookie = await enterDashboard(testApp);
});

const daysAgo = (days: number) => new Date(testApp.context.now().getTime() - days * DAY_MS);
const send = (path: string, fields: Record<string, string> = {}) =>
  post(testApp.url + PATH + path, fields, { cookie });
const words = (query = '') =>
  readDashboardPage(testApp, `/publications/lantern/settings/feeds${query}`, cookie);
const textOf = (html: string) => html.replaceAll(/<svg.*?<\/svg>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');
const feeds = () => listFeeds(testApp.context.db, publication.id);

test('an address is looked at first: the newest five items, each with what would become of it', async () => {
  server.articles.push(
    { id: '1', title: 'The ferry', text: '<p>It whispers.</p>', date: daysAgo(1) },
    { id: '2', title: 'Members only', text: '', date: daysAgo(2) },
    { id: '3', title: 'Protected: <i>Plans</i>', text: '<p>Secret</p>', date: daysAgo(3) },
    { id: '4', title: 'Far ahead', text: '<p>Soon</p>', date: daysAgo(-30) },
    { id: '5', title: 'Long ago', text: '<p>Once</p>', date: daysAgo(400), link: '' },
    { id: '6', title: 'Longer ago', text: '<p>Once</p>', date: daysAgo(500) },
  );
  const before = await dumpTables(testApp.context.db, KEPT);
  const answer = await send('/check', { url: server.url });
  expect(answer.status).toBe(200);
  const html = await answer.text();
  const said = textOf(html);
  expect(said).toContain('6 articles; the newest:');
  expect(said).toContain('The ferry Good. One like it would be mailed.');
  expect(said).toContain('It would wait for you: it has a title, but neither text nor picture.');
  expect(said).toContain('It would wait for you: it looks password-protected, or private, on its site.');
  expect(said).toContain('It would wait for you: it is dated more than 7 days from now.');
  // What is old now was new when it appeared.
  expect(said).toContain('One like it would be mailed. It has not a link, so its title would lead nowhere.');
  expect(said).not.toContain('Longer ago');
  expect(changedTables(before, await dumpTables(testApp.context.db, KEPT))).toEqual([]);
  expect(findForm(html, '/settings/feeds').fields).toEqual({ url: server.url, includeNewest: '0' });
});

test('a page that names its feed is enough, and the feed is followed with as many articles as were asked for', async () => {
  server.articles.push(
    { id: '1', title: 'The ferry', text: '<p>It whispers.</p>', date: daysAgo(1) },
    { id: '2', title: 'The library', text: '<p>It lends.</p>', date: daysAgo(2) },
  );
  server.setResponse('/', {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html><link rel="alternate" type="application/rss+xml" href="/feed.xml"><p>Hello</html>',
  });
  const html = await (await send('/check', { url: server.origin })).text();
  const { fields } = findForm(html, '/settings/feeds');
  expect(fields['url']).toBe(server.url);
  const followed = await send('', { ...fields, includeNewest: '1' });
  expect(followed.headers.get('location')).toBe(`${PATH}?done=followed`);
  await testApp.runDueJobs();
  const states = (await listArticles(testApp.context.db, publication.id, 9)).map(({ title, state }) => [
    title,
    state,
  ]);
  expect(states.toSorted()).toEqual([
    ['The ferry', 'released'],
    ['The library', 'skipped'],
  ]);
  expect(await words()).toMatch(/Paper http.* Working\. Looked at a moment ago/);
});

test('what is no feed, or may not be fetched, is told beside what was typed, and nothing is stored', async () => {
  server.setResponse('/', {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><p>Hello',
  });
  const cases: [string, RegExp][] = [
    ['', /Enter the address of your site or of its feed/],
    [server.origin, /This is a web page, not a feed/],
    [`${server.origin}/none`, /nothing at this address \(status 404\)/],
    ['http://10.0.0.1/feed', /10\.0\.0\.1 points inside your network/],
    ['file:///etc/passwd', /Only http and https addresses can be fetched/],
    ['https://user:secret@lantern.example/', /contains a user name or a password/],
    ['"><script>', /This is not a web address/],
  ];
  for (const [url, reason] of cases) {
    const answer = await send('/check', { url });
    const html = await answer.text();
    expect([url, answer.status]).toEqual([url, 422]);
    expect(textOf(html)).toMatch(reason);
    expect(html).not.toContain('"><script>');
  }
  expect(await feeds()).toEqual([]);
});

test('a feed that is followed already is not followed twice', async () => {
  await send('', { url: server.url });
  const again = await send('', { url: server.url });
  expect(again.status).toBe(422);
  expect(textOf(await again.text())).toContain(
    'This newsletter follows that feed already. Nothing was changed.',
  );
  expect(await feeds()).toHaveLength(1);
});

test('a feed is looked at on the spot, at most once in half a minute, and no more once it is removed', async () => {
  await send('', { url: server.url });
  await testApp.runDueJobs();
  const [feed] = await feeds();
  server.requests.length = 0;
  testApp.advanceClock(60_000);
  expect((await send(`/${feed?.id}/poll`)).headers.get('location')).toBe(`${PATH}?done=polling`);
  await send(`/${feed?.id}/poll`);
  expect(await testApp.runDueJobs()).toContain('poll-feed');
  expect(server.requests).toHaveLength(1);
  expect((await send(`/${feed?.id}/remove`)).headers.get('location')).toBe(`${PATH}?done=removed`);
  expect(await feeds()).toEqual([]);
  expect(await words('?done=removed')).toContain(
    'It is not looked at any more. Articles that it brought stay.',
  );
  expect((await send(`/${feed?.id}/poll`)).status).toBe(404);
});

test('the feed of another newsletter is not found, and a viewer can change none', async () => {
  await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  await send('', { url: server.url });
  const [feed] = await feeds();
  const elsewhere = `${testApp.url}/operator/publications/tides/settings/feeds/${feed?.id}/remove`;
  expect((await post(elsewhere, {}, { cookie })).status).toBe(404);
  const viewer = await addOperator(testApp, 'v@lantern.example', 'viewer');
  const session = await enterDashboard(testApp, viewer?.id);
  for (const path of ['', '/check', `/${feed?.id}/poll`, `/${feed?.id}/remove`])
    expect((await post(testApp.url + PATH + path, { url: server.url }, { cookie: session })).status).toBe(
      403,
    );
  const html = await (await open(testApp.url + PATH, { cookie: session })).text();
  expect(html).not.toMatch(/hooks\/feed|Follow another feed|>Remove</);
  expect(await feeds()).toHaveLength(1);
});
