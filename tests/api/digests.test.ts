import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Publication } from '../../src/publications/publication.js';
import { openHouse, type House } from '../support/house.js';
import { addArticles, addReader, addReaders, crowd } from '../support/readers.js';
import { changedTables, dumpTables } from '../support/rows.js';
import { idOf, meetApi, walk, type Call, type Json } from './client.js';

let house: House;
let publication: Publication;
let call: Call;
let articles: string[];

beforeAll(async () => {
  house = await openHouse();
  publication = await house.publish({ defaultCadence: 'daily', hour: 18, topics: ['Harbour'] });
  await house.publish({ slug: 'tide', name: 'Tide' });
  call = await (await meetApi(house)).program('read', 'write', 'send');
  await addReaders(house, publication, crowd(7));
  await addReader(house, publication, 'harbour@example.com', { topics: ['Harbour'] });
  await addReader(house, publication, 'waiting@example.com', { status: 'pending' });
  articles = await addArticles(house, publication, 'Storm', 'Moon');
  await house.work();
});

afterAll(() => house.close());

const rows = () => dumpTables(house.context.db, ['rate_limits', 'api_tokens']);
const create = (body: Json = {}, slug = 'lantern') =>
  call('POST', '/digests', { publication: slug, ...body });

test('a dry run says who would get what, and writes nothing', async () => {
  const before = await rows();
  const expected = await create({ dryRun: true });
  expect([expected.status, expected.body]).toEqual([200, { readers: 7, more: false, articles }]);
  expect((await create({ dryRun: true }, 'tide')).body).toEqual({ readers: 0, more: false, articles: [] });
  expect(changedTables(before, await rows())).toEqual([]);
  expect(await house.work()).toEqual([]);
});

test('a preview says what one reader gets at a moment, and why, or why not; it writes nothing', async () => {
  const before = await rows();
  const ask = async (reader: string, at?: string) =>
    (await create({ dryRun: true, reader, ...(at ? { at } : {}) })).body;
  // 18:00 in Nairobi is 15:00 in UTC.
  expect(await ask('READER-1@example.com', '2026-11-22T18:00:00+03:00')).toMatchObject({
    at: '2026-11-22T15:00:00.000Z',
    reader: { status: 'confirmed' },
    mailings: [{ cadence: 'daily', period: '2026-11-22', articles }],
    nextDueAt: '2026-11-23T15:00:00.000Z',
    why: 'She is due 2 articles in 1 mail (daily).',
  });
  expect(await ask('reader-1@example.com')).toMatchObject({
    mailings: [],
    nextDueAt: '2026-11-22T15:00:00.000Z',
    why: 'She is not due before 2026-11-22T15:00:00.000Z (daily, Africa/Nairobi).',
  });
  expect(await ask('harbour@example.com', '2026-11-23T00:00:00Z')).toMatchObject({ mailings: [] });
  expect(await ask('waiting@example.com')).toMatchObject({ mailings: [], nextDueAt: null });
  for (const [body, status, code] of [
    [{ reader: 'reader-1@example.com' }, 422, 'invalid-request'],
    [{ dryRun: true, at: '2026-11-22T15:00:00Z' }, 422, 'invalid-request'],
    [{ dryRun: true, reader: 'reader-1@example.com', at: 'tomorrow' }, 422, 'invalid-request'],
    [{ dryRun: true, reader: 'stranger@example.com' }, 404, 'no-such-subscription'],
    [{ dryRun: true, reader: 'no address' }, 404, 'no-such-subscription'],
  ] as const) {
    const answer = await create(body);
    expect([body, answer.status, answer.body['code']]).toEqual([body, status, code]);
  }
  expect(changedTables(before, await rows())).toEqual([]);
});

test('a digest goes to who is due, its ledger adds up, and sending again finds nobody', async () => {
  house.smtp.answer((stage, address) => {
    if (stage !== 'rcpt') return undefined;
    if (address === 'reader-2@example.com') return '550 5.1.1 No such user';
    return address === 'reader-3@example.com' ? '451 4.7.1 Later' : undefined;
  });
  const made = await create();
  expect([made.status, made.body['cadence'], made.body['publication']]).toEqual([
    201,
    'operator',
    publication.id,
  ]);
  await house.work();
  const path = `/digests/${idOf(made)}`;
  const { counts, ...digest } = (await call('GET', path)).body as { counts: Record<string, number> };
  expect(digest).toMatchObject({ subject: expect.stringContaining('Storm'), articles });
  expect(counts).toMatchObject({ planned: 7, accepted: 5, rejected: 1, deferred: 1 });
  const { planned, ...states } = counts;
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(planned);

  for (const limit of [1, 3, 7, 100]) {
    const all = await walk(call, `${path}/deliveries?`, limit);
    expect(new Set(all.map(({ subscription }) => subscription)).size).toBe(7);
    expect(all).toHaveLength(7);
  }
  for (const [state, count] of Object.entries(states))
    expect(await walk(call, `${path}/deliveries?state=${state}`, 2)).toHaveLength(count);
  const [refused] = await walk(call, `${path}/deliveries?state=rejected`, 5);
  expect(refused).toMatchObject({ attempt: 1, answer: '550 5.1.1 No such user', nextAttemptAt: null });

  const again = await create();
  expect([again.status, again.body['code']]).toEqual([409, 'nobody-due']);
  expect((await call('GET', '/digests?publication=lantern')).body['data']).toEqual([
    (await call('GET', path)).body,
  ]);
  expect((await call('GET', '/digests?publication=tide')).body['data']).toEqual([]);
  expect((await create({}, 'tide')).body['code']).toBe('nobody-due');
});

test('digests are walked newest first, each once', async () => {
  const made: string[] = [];
  for (const title of ['One', 'Two', 'Three', 'Four']) {
    await addArticles(house, publication, title);
    made.unshift(idOf(await create()));
    await house.work();
    house.pass(60_000);
  }
  for (const limit of [1, 2, 3, 5, 50]) {
    const ids = (await walk(call, '/digests?publication=lantern', limit)).map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(made);
    expect(ids).toHaveLength(5);
  }
});
