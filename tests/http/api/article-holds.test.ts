import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listUndecidedHolds } from '../../../src/articles/release/reads.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { idOf, openTestApi, type Call, type Json } from './client.js';

let room: FeedTestApp;
let call: Call;
let readOnly: Call;

beforeAll(async () => {
  room = await openFeedTestApp({ defaultCadence: 'instant' });
  const api = await openTestApi(room.app);
  call = await api.program('read', 'write', 'send');
  readOnly = await api.program('read', 'write');
  await createConfirmedReader(room.app, 'ana@example.com', { cadence: 'instant' });
  await createConfirmedReader(room.app, 'ben@example.com', { cadence: 'weekly' });
  await room.follow();
});

afterAll(() => room.close());

const lantern = () => `publication=${room.publication.slug}`;

async function held(): Promise<Json[]> {
  return (await call('GET', `/article-holds?${lantern()}`)).body['data'] as Json[];
}

test('what arrived at once is one hold with its reason, its articles and whom they would reach', async () => {
  expect(await held()).toEqual([]);
  const articles = Array.from({ length: 30 }, (_, at) =>
    articleHoursAgo(room.app, at, { id: `f${at}`, title: `Flood ${at}` }),
  );
  room.server.articles.push(...articles);
  await room.poll();
  const [hold, ...others] = await held();
  expect(others).toEqual([]);
  const { id: feed, title: feedTitle, url: feedUrl } = await room.feed();
  expect(hold).toEqual({
    id: expect.any(String),
    publication: room.publication.id,
    feed,
    feedTitle,
    feedUrl,
    code: 'flood',
    reason: '30 new articles arrived at once.',
    heldAt: room.app.context.now().toISOString(),
    count: 30,
    titles: ['Flood 0', 'Flood 1', 'Flood 2', 'Flood 3', 'Flood 4'],
  });
  const { body } = await call('GET', `/article-holds/${String(hold?.['id'])}`);
  expect(body).toMatchObject({ ...hold, readers: { atOnce: 1, later: 1 } });
  const listed = body['articles'] as Json[];
  expect([listed.length, listed[0]?.['title'], listed[0]?.['hold']]).toEqual([30, 'Flood 0', hold?.['id']]);
});

test('a decision needs the scope to send, names what there is, and is made once', async () => {
  const id = String((await held())[0]?.['id']);
  const path = `/article-holds/${id}/decision`;
  expect((await readOnly('POST', path, { release: 'all' })).status).toBe(403);
  for (const release of ['some', 0, -1, 1.5, 1001, null])
    expect([release, (await call('POST', path, { release })).status]).toEqual([release, 422]);
  const mails = (await readMails(room.app)).length;
  const decided = await call('POST', path, { release: 2 });
  expect([decided.status, decided.body]).toEqual([200, { released: 2, skipped: 28 }]);
  await room.app.runDueJobs();
  expect((await readMails(room.app)).slice(mails).map(({ subject }) => subject)).toEqual([
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

test('one article is stopped while it waits, released, and brought back after it was retracted', async () => {
  const pushed = await call('POST', '/articles', {
    publication: room.publication.slug,
    title: 'Fog',
    summary: 'It is thick.',
  });
  const path = `/articles/${idOf(pushed)}`;
  const stopped = await call('POST', `${path}/hold`);
  expect(stopped.body).toMatchObject({ state: 'held', holdReason: 'An operator held it.' });
  expect((await call('POST', `${path}/hold`)).body['code']).toBe('not-waiting');
  // Nobody is alerted of what an operator did herself.
  expect(await listUndecidedHolds(room.app.context.db, new Date(0))).toEqual([]);
  await room.app.runDueJobs();
  expect((await call('DELETE', path)).status).toBe(204);
  expect(await held()).toEqual([]);
  expect((await call('POST', `${path}/release`)).body).toMatchObject({ state: 'waiting', hold: null });
  await room.app.runDueJobs();
  expect((await call('GET', path)).body).toMatchObject({ state: 'released', seq: 3 });
  const late = await call('POST', `${path}/release`);
  expect([late.status, late.body['code']]).toEqual([409, 'not-held']);
});
