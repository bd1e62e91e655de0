import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listUndecidedHolds } from '../../../src/articles/release/reads.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { idOf, openTestApi, type Call, type Json } from './client.js';

let feedApp: FeedTestApp;
let call: Call;
let readOnly: Call;

beforeAll(async () => {
  feedApp = await openFeedTestApp({ defaultCadence: 'instant' });
  const api = await openTestApi(feedApp.app);
  call = await api.program('read', 'write', 'send');
  readOnly = await api.program('read', 'write');
  await createConfirmedReader(feedApp.app, 'ana@example.com', { cadence: 'instant' });
  await createConfirmedReader(feedApp.app, 'ben@example.com', { cadence: 'weekly' });
  await feedApp.follow();
});

afterAll(closeFeedTestApps);

const lantern = () => `publication=${feedApp.publication.slug}`;

async function held(): Promise<Json[]> {
  return (await call('GET', `/article-holds?${lantern()}`)).body['data'] as Json[];
}

test('articles that arrived at once are one hold with its reason, its articles and the readers they would reach', async () => {
  expect(await held()).toEqual([]);
  const articles = Array.from({ length: 30 }, (_, at) =>
    articleHoursAgo(feedApp.app, at, { id: `f${at}`, title: `Flood ${at}` }),
  );
  feedApp.server.articles.push(...articles);
  await feedApp.poll();
  const [hold, ...others] = await held();
  expect(others).toEqual([]);
  const { id: feed, title: feedTitle, url: feedUrl } = await feedApp.feed();
  expect(hold).toEqual({
    id: expect.any(String),
    publication: feedApp.publication.id,
    feed,
    feedTitle,
    feedUrl,
    code: 'flood',
    reason: '30 new articles arrived at once.',
    heldAt: feedApp.app.context.now().toISOString(),
    count: 30,
    titles: ['Flood 0', 'Flood 1', 'Flood 2', 'Flood 3', 'Flood 4'],
  });
  const { body } = await call('GET', `/article-holds/${String(hold?.['id'])}`);
  expect(body).toMatchObject({ ...hold, readers: { atOnce: 1, later: 1 } });
  const listed = body['articles'] as Json[];
  expect([listed.length, listed[0]?.['title'], listed[0]?.['hold']]).toEqual([30, 'Flood 0', hold?.['id']]);
});

test('a decision needs the scope to send, must be a known one, and is made once', async () => {
  const id = String((await held())[0]?.['id']);
  const path = `/article-holds/${id}/decision`;
  expect((await readOnly('POST', path, { release: 'all' })).status).toBe(403);
  for (const release of ['some', 0, -1, 1.5, 1001, null])
    expect([release, (await call('POST', path, { release })).status]).toEqual([release, 422]);
  const mails = (await readMails(feedApp.app)).length;
  const decided = await call('POST', path, { release: 2 });
  expect([decided.status, decided.body]).toEqual([200, { released: 2, skipped: 28 }]);
  await feedApp.app.runDueJobs();
  expect((await readMails(feedApp.app)).slice(mails).map(({ subject }) => subject)).toEqual([
    'Flood 1',
    'Flood 0',
  ]);
  const again = await call('POST', path, { release: 'all' });
  expect([again.status, again.body['code']]).toEqual([409, 'nothing-held']);
  expect((await call('GET', `/article-holds/${id}`)).body).toMatchObject({ count: 0, articles: [] });
  const nobody = '/article-holds/00000000-0000-7000-8000-000000000000';
  expect((await call('GET', nobody)).body['code']).toBe('no-such-hold');
  expect((await call('POST', `${nobody}/decision`, { release: 'all' })).status).toBe(404);
});

test('one article is held while it waits, released, and restored after it was retracted', async () => {
  const pushed = await call('POST', '/articles', {
    publication: feedApp.publication.slug,
    title: 'Fog',
    summary: 'It is thick.',
  });
  const path = `/articles/${idOf(pushed)}`;
  const stopped = await call('POST', `${path}/hold`);
  expect(stopped.body).toMatchObject({ state: 'held', holdReason: 'An operator held it.' });
  expect((await call('POST', `${path}/hold`)).body['code']).toBe('not-waiting');
  // Nobody is alerted of what an operator did.
  expect(await listUndecidedHolds(feedApp.app.context.db, new Date(0))).toEqual([]);
  await feedApp.app.runDueJobs();
  expect((await call('DELETE', path)).status).toBe(204);
  expect(await held()).toEqual([]);
  expect((await call('POST', `${path}/release`)).body).toMatchObject({ state: 'waiting', hold: null });
  await feedApp.app.runDueJobs();
  expect((await call('GET', path)).body).toMatchObject({ state: 'released', seq: 3 });
  const late = await call('POST', `${path}/release`);
  expect([late.status, late.body['code']]).toEqual([409, 'not-held']);
});
