import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { listHolds } from '../../../src/articles/release/reads.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { addReaders, readerAddresses } from '../../support/fixtures.js';
import { open, post } from '../../support/reader-actions.js';
import { enterDashboard, readDashboardPage } from '../../support/operator-session.js';

let feedApp: FeedTestApp;
let cookie: string;
let round = 0;

beforeAll(async () => {
  feedApp = await openFeedTestApp();
  const { app, publication } = feedApp;
  cookie = await enterDashboard(app);
  await addReaders(app, publication, readerAddresses(4), { cadence: 'weekly' });
  await addReaders(app, publication, ['i@example.com'], { cadence: 'instant' });
  await feedApp.follow();
});

afterAll(closeFeedTestApps);

/** Twenty-two new articles at once. */
beforeEach(async () => {
  round += 1;
  const articles = Array.from({ length: 22 }, (_, at) =>
    articleHoursAgo(feedApp.app, at, { id: `${round}-${at}`, title: `<b>Flood</b> ${round} ${at}` }),
  );
  feedApp.server.articles.splice(0, Infinity, ...articles);
  await feedApp.poll();
});

test('the dashboard says that articles wait, and their page why, whom each choice reaches, and which they are', async () => {
  const path = await holdPath();
  const dashboard = await words('');
  expect(dashboard).toContain(
    'Held: 22 articles 22 new articles arrived at once. Nobody gets them until you decide. Decide',
  );
  expect(dashboard).not.toContain(`Flood ${round} 7`);
  const page = await words(path);
  expect(page).toContain('22 articles are held');
  expect(page).toContain('22 new articles arrived at once.');
  expect(page).toContain(`From the feed The Paper, ${feedApp.server.url} .`);
  expect(page).toContain('5 readers would be mailed: 1 within minutes, 4 with the next digest of each.');
  expect(page).toContain('The other 19 count as already sent.');
  expect(page).toContain(`Flood ${round} 21`);
  expect(page).not.toContain('<b>Flood');
});

test.each([
  ['none', 'Nobody is mailed any of them.', 0],
  ['newest', 'The newest 3 are released', 3],
  ['all', 'They are released.', 22],
])('the button for %s releases once, and says so', async (release, said, released) => {
  const path = await holdPath();
  const press = () => post(`${feedApp.app.url}/operator${path}/decision`, { release }, { cookie });
  const pressed = await press();
  expect(pressed.status).toBe(303);
  const back = pressed.headers.get('location')?.replace('/operator', '') ?? '';
  expect(await words(back)).toContain(said);
  const states = async () =>
    Object.values(await feedApp.articles()).filter(
      ({ externalId, state }) => externalId.startsWith(`${round}-`) && state === 'waiting',
    );
  expect(await states()).toHaveLength(released);
  expect((await press()).headers.get('location')).toContain('done=hold-decided');
  expect(await words(path)).toContain('there is nothing left to do');
});

test('an unknown page or choice is not found, and without a session nothing is decided', async () => {
  const path = await holdPath();
  const url = `${feedApp.app.url}/operator`;
  for (const wrong of [
    '/publications/lantern/articles/holds/x',
    '/publications/lantern/articles/holds/00000000-0000-7000-8000-000000000000',
  ])
    expect((await open(url + wrong, { cookie })).status).toBe(404);
  expect((await post(`${url}${path}/decision`, { release: 'some' }, { cookie })).status).toBe(404);
  expect((await post(`${url}${path}/decision`, { release: 'all' })).status).toBe(401);
  expect((await open(url + path)).headers.get('location')).toContain('/operator/sign-in');
  expect(await words(path)).toContain('22 articles are held');
});

async function holdPath(): Promise<string> {
  const where = { publicationId: feedApp.publication.id, before: undefined, limit: 1 };
  const [hold] = await listHolds(feedApp.app.context.db, where);
  return `/publications/lantern/articles/holds/${hold?.id ?? ''}`;
}

const words = (path: string) => readDashboardPage(feedApp.app, path, cookie);
