import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { listHolds } from '../../../src/articles/release/reads.js';
import { createEntryLink } from '../../../src/operators/entry-link.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { addReaders, readerAddresses } from '../../support/fixtures.js';
import { open, post } from '../../support/reader-actions.js';

let room: FeedTestApp;
let cookie: string;
let round = 0;

beforeAll(async () => {
  room = await openFeedTestApp();
  const { app, publication } = room;
  const entered = await post(await createEntryLink(app.context));
  cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  await addReaders(app, publication, readerAddresses(4), { cadence: 'weekly' });
  await addReaders(app, publication, ['i@example.com'], { cadence: 'instant' });
  await room.follow();
});

afterAll(() => room.close());

/** Twenty-two new ones at once. */
beforeEach(async () => {
  round += 1;
  const articles = Array.from({ length: 22 }, (_, at) =>
    articleHoursAgo(room.app, at, { id: `${round}-${at}`, title: `<b>Flood</b> ${round} ${at}` }),
  );
  room.server.articles.splice(0, Infinity, ...articles);
  await room.poll();
});

test('the dashboard says that articles wait, and their page why, whom each choice reaches, and which they are', async () => {
  const path = await holdPath();
  const dashboard = await words('');
  expect(dashboard).toContain('22 articles 22 new articles arrived at once. Held');
  expect(dashboard).toContain('From The Paper.');
  expect(dashboard).not.toContain(`Flood ${round} 7`);
  const page = await words(path);
  expect(page).toContain('22 articles are held');
  expect(page).toContain('22 new articles arrived at once.');
  expect(page).toContain(`From the feed The Paper, ${room.server.url} .`);
  expect(page).toContain('5 readers would be mailed: 1 within minutes, 4 with the next digest of each.');
  expect(page).toContain('The other 19 count as already sent.');
  expect(page).toContain(`Flood ${round} 21`);
  expect(page).not.toContain('<b>Flood');
});

test.each([
  ['none', 'Nobody is mailed any of them.', 0],
  ['newest', 'The newest 3 are released', 3],
  ['all', 'They are released.', 22],
])('a press on %s does that once, and says so', async (release, said, released) => {
  const path = await holdPath();
  const press = () => post(`${room.app.url}/operator${path}/decision`, { release }, { cookie });
  const pressed = await press();
  expect(pressed.status).toBe(303);
  const back = pressed.headers.get('location')?.replace('/operator', '') ?? '';
  expect(await words(back)).toContain(said);
  const states = async () =>
    Object.values(await room.articles()).filter(
      ({ externalId, state }) => externalId.startsWith(`${round}-`) && state === 'waiting',
    );
  expect(await states()).toHaveLength(released);
  expect((await press()).headers.get('location')).toContain('done=hold-decided');
  expect(await words(path)).toContain('there is nothing left to do');
});

test('a page or a choice that is not there is not found, and a stranger decides nothing', async () => {
  const path = await holdPath();
  const url = `${room.app.url}/operator`;
  for (const wrong of ['/holds/x', '/holds/00000000-0000-7000-8000-000000000000'])
    expect((await open(url + wrong, { cookie })).status).toBe(404);
  expect((await post(`${url}${path}/decision`, { release: 'some' }, { cookie })).status).toBe(404);
  expect((await post(`${url}${path}/decision`, { release: 'all' })).status).toBe(401);
  expect((await open(url + path)).status).toBe(401);
  expect(await words(path)).toContain('22 articles are held');
});

async function holdPath(): Promise<string> {
  const where = { publicationId: room.publication.id, before: undefined, limit: 1 };
  const [hold] = await listHolds(room.app.context.db, where);
  return `/holds/${hold?.id ?? ''}`;
}

/** The words of a page's main part, without its marks. */
async function words(path: string): Promise<string> {
  const page = await (await open(`${room.app.url}/operator${path}`, { cookie })).text();
  const main = /<main[^>]*>(.*)<\/main>/s.exec(page)?.[1] ?? '';
  return main.replaceAll(/<svg.*?<\/svg>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');
}
