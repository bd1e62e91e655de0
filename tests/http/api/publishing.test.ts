import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { lastMail, readMails } from '../../support/reader-actions.js';
import { addReader } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { idOf, openTestApi, listAllPages, type Call, type Json } from './client.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';

let testApp: TestApp;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  call = await (await openTestApi(testApp)).program('read', 'write', 'send');
});

afterAll(() => testApp.close());

const essentials = { siteUrl: 'https://tide.example/', fromAddress: 'news@tide.example' };

test('a publication is created, found by id and by slug, and changed; its slug is given once', async () => {
  const made = await call('POST', '/publications', { slug: 'tide', name: 'Tide', ...essentials });
  expect(made.body).toMatchObject({
    slug: 'tide',
    fromName: 'Tide',
    defaultCadence: 'daily',
    hour: 7,
    archivedAt: null,
  });
  expect(made.status).toBe(201);
  await call('POST', '/publications', { slug: 'ebb', name: 'Ebb', ...essentials });
  const again = await call('POST', '/publications', { slug: 'tide', name: 'Other', ...essentials });
  expect([again.status, again.body['code']]).toEqual([409, 'slug-taken']);
  const taken = await call('PATCH', '/publications/ebb', { slug: 'tide', name: 'Never' });
  expect([taken.status, taken.body['code']]).toEqual([409, 'slug-taken']);
  for (const wrong of [
    { slug: 'operator' },
    { slug: 'Tide!' },
    { timezone: 'Mars/Base' },
    { name: ' ' },
    { lastSeq: 9 },
    { id: idOf(made) },
  ])
    expect((await call('PATCH', '/publications/ebb', wrong)).status).toBe(422);
  expect((await call('GET', '/publications/ebb')).body).toMatchObject({ slug: 'ebb', name: 'Ebb' });

  const changed = await call('PATCH', '/publications/tide', {
    hour: 18,
    topics: ['Harbour', 'Town'],
    accent: '#9A3412',
  });
  expect(changed.body).toMatchObject({
    hour: 18,
    topics: ['Harbour', 'Town'],
    accent: '#9a3412',
    name: 'Tide',
  });
  expect((await call('GET', `/publications/${idOf(made)}`)).body).toEqual(changed.body);
  expect((await call('PATCH', '/publications/tide', {})).body).toEqual(changed.body);
});

test('an archived publication can be read, and accepts and sends nothing any more', async () => {
  await call('POST', '/publications', { slug: 'old', name: 'Old', ...essentials });
  expect((await call('POST', '/publications/old/archival')).body['archivedAt']).not.toBeNull();
  const [first] = (await call('GET', '/publications?limit=1')).body['data'] as Json[];
  expect(first?.['slug']).toBe('old');
  const before = await dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']);
  const tries: [string, Json][] = [
    ['/articles', { title: 'Late' }],
    ['/feeds', { url: 'https://tide.example/feed' }],
    ['/subscriptions', { email: 'late@example.com' }],
    ['/digests', {}],
    ['/digests', { dryRun: true }],
  ];
  for (const [path, body] of tries) {
    const answer = await call('POST', path, { publication: 'old', ...body });
    expect([path, answer.status, answer.body['code']]).toEqual([path, 409, 'publication-archived']);
  }
  expect(changedTables(before, await dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']))).toEqual(
    [],
  );
});

test('a feed is added once, shown and removed', async () => {
  const url = 'https://tide.example/feed.xml';
  const added = await call('POST', '/feeds', { publication: 'tide', url });
  expect(added.body).toMatchObject({ url, title: null, failure: null });
  const again = await call('POST', '/feeds', { publication: 'tide', url });
  expect([again.status, again.body['code']]).toEqual([409, 'feed-known']);
  expect((await call('POST', '/feeds', { publication: 'ebb', url })).status).toBe(201);
  expect((await call('POST', '/feeds', { publication: 'tide', url: 'ftp://tide.example/' })).status).toBe(
    422,
  );
  expect((await call('GET', '/feeds?publication=tide')).body['data']).toEqual([added.body]);
  const second = await call('POST', '/feeds', { publication: 'ebb', url: `${url}?2` });
  const walked = await listAllPages(call, '/feeds?publication=ebb', 1);
  expect(walked.map((feed) => feed['url'])).toEqual([url, `${url}?2`]);
  expect((await call('DELETE', `/feeds/${idOf(second)}`)).status).toBe(204);
  const asked = await call('POST', `/feeds/${idOf(added)}/poll`);
  expect([asked.status, asked.body['health']]).toEqual([
    202,
    { state: 'new', sentence: 'Not looked at yet; that happens within seconds.' },
  ]);
  expect((await call('DELETE', `/feeds/${idOf(added)}`)).status).toBe(204);
  expect((await call('GET', `/feeds/${idOf(added)}`)).body['code']).toBe('no-such-feed');
  expect((await call('DELETE', `/feeds/${idOf(added)}`)).status).toBe(404);
  expect((await call('GET', '/feeds?publication=tide')).body['data']).toEqual([]);
  expect((await call('GET', '/feeds?publication=ebb')).body['data']).toHaveLength(1);
});

test('why a feed cannot be read is a sentence', async () => {
  const added = await call('POST', '/feeds', { publication: 'tide', url: 'http://127.0.0.1:1/feed.xml' });
  await pollFeed(testApp.context, idOf(added));
  const { body } = await call('GET', `/feeds/${idOf(added)}`);
  expect(body).toMatchObject({
    failure: '127.0.0.1:1 refused the connection.',
    health: { state: 'failing' },
  });
  await call('DELETE', `/feeds/${idOf(added)}`);
});

test('an article waits out its hold window, is corrected before it goes out, and read as corrected', async () => {
  const publication = await testApp.createPublication({
    slug: 'held',
    defaultCadence: 'instant',
    holdMinutes: 10,
  });
  await addReader(testApp, publication, 'ada@example.com');
  const pushed = await call('POST', '/articles', {
    publication: 'held',
    externalId: 'a-1',
    title: 'Strom warning',
    url: 'https://held.example/storm',
    content: '<p>Wind.</p><script>alert(1)</script><a href="/more">More</a>',
    categories: ['Weather'],
    publishedAt: '2026-11-22T12:00:00+03:00',
  });
  expect(pushed.body).toMatchObject({ state: 'waiting', seq: null, publishedAt: '2026-11-22T09:00:00.000Z' });
  expect(pushed.body['content']).toContain('https://held.example/more');
  expect(pushed.text).not.toContain('script');
  const again = await call('POST', '/articles', { publication: 'held', externalId: 'a-1', title: 'Again' });
  expect([again.status, again.body['code']]).toEqual([409, 'article-known']);

  const path = `/articles/${idOf(pushed)}`;
  const corrected = await call('PUT', path, {
    title: 'Storm warning',
    url: 'https://held.example/storm',
    content: '<p>Gale.</p>',
  });
  expect(corrected.body).toMatchObject({
    title: 'Storm warning',
    summary: 'Gale.',
    categories: ['Weather'],
    publishedAt: '2026-11-22T09:00:00.000Z',
    state: 'waiting',
  });
  const noon = new Date(testApp.context.now().getTime() + 60 * MINUTE_MS).toISOString();
  const dated = await call('PUT', path, { publishedAt: noon });
  expect(dated.body).toMatchObject({ title: 'Storm warning', publishedAt: noon, releaseAt: noon });
  const undated = await call('PUT', path, { publishedAt: null });
  const windowEnds = String(pushed.body['releaseAt']);
  expect(undated.body).toMatchObject({ publishedAt: null, releaseAt: windowEnds, content: '<p>Gale.</p>' });
  testApp.advanceClock(10 * MINUTE_MS);
  await testApp.runDueJobs();
  expect((await lastMail(testApp, 'ada@example.com')).subject).toBe('Storm warning');
  expect((await call('GET', path)).body).toMatchObject({ state: 'released', seq: 1 });

  const mails = (await readMails(testApp)).length;
  const later = await call('PUT', path, { title: 'Storm over' });
  expect(later.body).toMatchObject({
    state: 'released',
    seq: 1,
    title: 'Storm over',
    url: 'https://held.example/storm',
    summary: 'Gale.',
    content: '<p>Gale.</p>',
    categories: ['Weather'],
  });
  const cleared = await call('PUT', path, { url: null, content: '', categories: [] });
  expect(cleared.body).toMatchObject({
    title: 'Storm over',
    url: null,
    content: '',
    summary: '',
    categories: [],
  });
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toHaveLength(mails);
});

test('a retracted article reaches nobody, is shown as retracted, and is not corrected any more', async () => {
  const pushed = await call('POST', '/articles', {
    publication: 'held',
    title: 'Wrong',
    content: '<p>No.</p>',
  });
  const path = `/articles/${idOf(pushed)}`;
  const mails = (await readMails(testApp)).length;
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('DELETE', path)).status).toBe(204);
  testApp.advanceClock(10 * MINUTE_MS);
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toHaveLength(mails);
  expect((await call('GET', path)).body['state']).toBe('retracted');
  const refused = await call('PUT', path, { title: 'Right' });
  expect([refused.status, refused.body['code']]).toEqual([409, 'article-retracted']);
  for (const [state, titles] of [
    ['retracted', ['Wrong']],
    ['released', ['Storm over']],
    ['held', []],
  ] as const) {
    const { data } = (await call('GET', `/articles?publication=held&state=${state}`)).body as {
      data: Json[];
    };
    expect(data.map(({ title }) => title)).toEqual(titles);
  }
});

test('a list is read to its end without gaps or doubles though it grows meanwhile, and has no articles of others', async () => {
  for (let at = 1; at <= 11; at += 1)
    await call('POST', '/articles', { publication: 'tide', title: `Tide ${at}` });
  await call('POST', '/articles', { publication: 'ebb', title: 'Ebb' });
  const expected = Array.from({ length: 11 }, (_, at) => `Tide ${11 - at}`);
  for (const limit of [1, 2, 3, 5, 10, 11, 12, 100]) {
    const titles = (await listAllPages(call, '/articles?publication=tide', limit)).map(({ title }) => title);
    expect([limit, titles]).toEqual([limit, expected]);
  }
  const first = await call('GET', '/articles?publication=tide&limit=5');
  await call('POST', '/articles', { publication: 'tide', title: 'Tide 12' });
  const rest = await call(
    'GET',
    `/articles?publication=tide&limit=100&cursor=${String(first.body['nextCursor'])}`,
  );
  const titles = [first, rest].flatMap(({ body }) => (body['data'] as Json[]).map(({ title }) => title));
  expect(titles).toEqual(expected);
  // A cursor of one list, used in another, says only where to go on.
  const elsewhere = await call('GET', `/articles?publication=ebb&cursor=${String(first.body['nextCursor'])}`);
  expect((elsewhere.body['data'] as Json[]).map(({ title }) => title)).toEqual([]);
});
