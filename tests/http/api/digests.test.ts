import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { idOf, openTestApi, listAllPages, type Call, type Json } from './client.js';

let testApp: TestApp;
let publication: Publication;
let call: Call;
let articles: string[];

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'daily', hour: 18, topics: ['Harbour'] });
  await testApp.createPublication({ slug: 'tide', name: 'Tide' });
  call = await (await openTestApi(testApp)).program('read', 'write', 'send');
  await addReaders(testApp, publication, readerAddresses(7));
  await addReader(testApp, publication, 'harbour@example.com', { topics: ['Harbour'] });
  await addReader(testApp, publication, 'waiting@example.com', { status: 'pending' });
  articles = await addArticles(testApp, publication, 'Storm', 'Moon');
  await testApp.runDueJobs();
});

// A reader that bounced in one test is mailed in the next.
afterEach(() => testApp.context.db.run(sql`delete from suppressions`));
afterAll(() => testApp.close());

const rows = () => dumpTables(testApp.context.db, ['rate_limits', 'api_tokens']);
const create = (body: Json = {}, slug = 'lantern') =>
  call('POST', '/digests', { publication: slug, ...body });

test('a dry run says who would get what, and writes nothing', async () => {
  const before = await rows();
  const expected = await create({ dryRun: true });
  const mail = { subject: expect.stringMatching(/^\w+, and one more$/), size: 'HTML is 3 KB of 90.' };
  expect([expected.status, expected.body]).toEqual([200, { readers: 7, more: false, articles, ...mail }]);
  const nothing = { readers: 0, more: false, articles: [], subject: null, size: null };
  expect((await create({ dryRun: true }, 'tide')).body).toEqual(nothing);
  // A mail with words of an operator is one whoever gets it.
  expect(
    (await create({ dryRun: true, articles: [], subject: 'A word', note: 'Hello.' }, 'tide')).body,
  ).toEqual({
    ...nothing,
    subject: 'A word',
    size: expect.any(String),
  });
  expect(changedTables(before, await rows())).toEqual([]);
  expect(await testApp.runDueJobs()).toEqual([]);
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
  testApp.smtp.setScript((stage, address) => {
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
  await testApp.runDueJobs();
  const path = `/digests/${idOf(made)}`;
  const { counts, ...digest } = (await call('GET', path)).body as { counts: Record<string, number> };
  expect(digest).toMatchObject({ subject: expect.stringContaining('Storm'), articles });
  expect(counts).toMatchObject({ planned: 7, accepted: 5, rejected: 1, deferred: 1 });
  const { planned, ...states } = counts;
  expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(planned);

  for (const limit of [1, 3, 7, 100]) {
    const all = await listAllPages(call, `${path}/deliveries?`, limit);
    expect(new Set(all.map(({ subscription }) => subscription)).size).toBe(7);
    expect(all).toHaveLength(7);
  }
  for (const [state, count] of Object.entries(states))
    expect(await listAllPages(call, `${path}/deliveries?state=${state}`, 2)).toHaveLength(count);
  const [refused] = await listAllPages(call, `${path}/deliveries?state=rejected`, 5);
  expect(refused).toMatchObject({ attempt: 1, answer: '550 5.1.1 No such user', nextAttemptAt: null });

  const again = await create();
  expect([again.status, again.body['code']]).toEqual([409, 'nobody-due']);
  expect((await call('GET', '/digests?publication=lantern')).body['data']).toEqual([
    (await call('GET', path)).body,
  ]);
  expect((await call('GET', '/digests?publication=tide')).body['data']).toEqual([]);
  expect((await create({}, 'tide')).body['code']).toBe('nobody-due');
});

test('digests are listed newest first, page by page, each once', async () => {
  const made: string[] = [];
  for (const title of ['One', 'Two', 'Three', 'Four']) {
    await addArticles(testApp, publication, title);
    made.unshift(idOf(await create()));
    await testApp.runDueJobs();
    testApp.advanceClock(60_000);
  }
  for (const limit of [1, 2, 3, 5, 50]) {
    const ids = (await listAllPages(call, '/digests?publication=lantern', limit)).map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(made);
    expect(ids).toHaveLength(5);
  }
});

describe('an operator’s decision about a digest', () => {
  /** A digest to the seven readers of everything, planned and not sent. */
  async function planned(title: string): Promise<string> {
    testApp.smtp.setScript(() => undefined);
    await addArticles(testApp, publication, title);
    const id = idOf(await create());
    await testApp.handlers['plan-digest']({ digestId: id });
    return `/digests/${id}`;
  }

  const states = (answer: { body: Json }) => [answer.body['state'], answer.body['reason']];

  test('pauses and resumes it: nothing is sent in between, and everything after', async () => {
    const path = await planned('Paused');
    const sentBefore = testApp.smtp.messages.length;
    const paused = await call('POST', `${path}/pause`);
    expect([paused.status, ...states(paused)]).toEqual([200, 'paused', 'An operator paused it.']);
    expect((await call('POST', `${path}/pause`)).body).toEqual(paused.body);
    await testApp.runDueJobs();
    expect(testApp.smtp.messages).toHaveLength(sentBefore);
    const resumed = await call('DELETE', `${path}/pause`);
    expect([resumed.status, ...states(resumed)]).toEqual([200, 'sending', null]);
    expect((await call('DELETE', `${path}/pause`)).status).toBe(200);
    await testApp.runDueJobs();
    expect(testApp.smtp.messages).toHaveLength(sentBefore + 7);
    expect((await call('GET', path)).body['counts']).toMatchObject({ planned: 7, accepted: 7 });
  });

  test('cancels it for good, says what that means, and gives a repetition the same answer', async () => {
    const path = await planned('Cancelled');
    const sentBefore = testApp.smtp.messages.length;
    const key = { 'idempotency-key': 'cancel-once' };
    const first = await call('POST', `${path}/cancellation`, undefined, key);
    expect([first.status, first.body['state'], first.body['keptFrom']]).toEqual([200, 'cancelled', 7]);
    expect(first.body['explanation']).toEqual([
      '0 readers have it; 7 readers will not be sent it.',
      expect.stringContaining('own rhythm'),
    ]);
    await testApp.runDueJobs();
    expect((await call('POST', `${path}/cancellation`, undefined, key)).text).toBe(first.text);
    const later = await call('POST', `${path}/cancellation`);
    expect(later.body).toMatchObject({ keptFrom: 7, counts: { planned: 7, queued: 0, skipped: 7 } });
    expect(testApp.smtp.messages).toHaveLength(sentBefore);
    for (const [method, control, code] of [
      ['POST', 'pause', 'not-sending'],
      ['DELETE', 'pause', 'not-paused'],
      ['POST', 'approval', 'not-held'],
    ] as const) {
      const refused = await call(method, `${path}/${control}`);
      expect([control, refused.status, refused.body['code']]).toEqual([control, 409, code]);
      expect(refused.body['detail']).toMatch(/^It is cancelled for good\. .* Nothing was changed\.$/);
    }
  });

  test('approves a held one, and only with the scope for it', async () => {
    const path = await planned('Held');
    await testApp.context.db.run(
      sql`update digests set state = 'held', reason = 'Looks odd.' where id = ${path.slice('/digests/'.length)}`,
    );
    expect(states(await call('GET', path))).toEqual(['held', 'Looks odd.']);
    const reader = await (await openTestApi(testApp)).program('read', 'write');
    for (const control of ['approval', 'pause', 'cancellation'])
      expect((await reader('POST', `${path}/${control}`)).status).toBe(403);
    await testApp.context.db.run(sql`update publications set postal_address = null where slug = 'lantern'`);
    const refused = await call('POST', `${path}/approval`);
    expect([refused.status, refused.body['code'], refused.body['detail']]).toEqual([
      409,
      'no-postal-address',
      expect.stringMatching(/no postal address.* Nothing was changed\.$/),
    ]);
    expect(states(await call('GET', path))).toEqual(['held', 'Looks odd.']);
    await testApp.context.db.run(
      sql`update publications set postal_address = '4 Quay Street' where slug = 'lantern'`,
    );
    const approved = await call('POST', `${path}/approval`);
    expect([approved.status, ...states(approved)]).toEqual([200, 'sending', null]);
    expect((await call('POST', `${path}/approval`)).status).toBe(200);
    await testApp.runDueJobs();
    expect((await call('GET', path)).body['counts']).toMatchObject({ planned: 7, accepted: 7 });
    const closed = await call('POST', `/digests/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}/pause`);
    expect([closed.status, closed.body['code']]).toEqual([404, 'no-such-digest']);
  });
});

describe('an article that is not out yet', () => {
  const push = (more: Json, program = call) =>
    program('POST', '/articles', { publication: 'lantern', content: '<p>Told in full.</p>', ...more });

  test('is refused with its state, its time and when to ask again; nothing is sent', async () => {
    const later = new Date(testApp.context.now().getTime() + 600_000).toISOString();
    const pushed = await push({ title: 'Just pushed', publishedAt: later });
    expect([pushed.status, pushed.body['state']]).toEqual([201, 'waiting']);
    const releaseAt = String(pushed.body['releaseAt']);
    const before = await rows();
    for (const body of [{ articles: [idOf(pushed)] }, { articles: [idOf(pushed)], dryRun: true }]) {
      const refused = await create(body);
      expect([refused.status, refused.body['code']]).toEqual([409, 'article-not-released']);
      expect(refused.body['articles']).toEqual([{ id: idOf(pushed), state: 'waiting', releaseAt }]);
      expect(refused.body['detail']).toContain(`${idOf(pushed)} waits, and is released at ${releaseAt}.`);
      expect(refused.body['detail']).toContain('"release": true');
      expect(refused.headers.get('retry-after')).toBe('600');
    }
    expect(changedTables(before, await rows())).toEqual([]);
    expect((await call('DELETE', `/articles/${idOf(pushed)}`)).status).toBe(204);
    const gone = await create({ articles: [idOf(pushed)] });
    expect([gone.status, gone.body['detail']]).toEqual([409, expect.stringContaining('was retracted')]);
  });

  test('that is held is refused with the reason, and no time', async () => {
    const held = await push({ title: 'Bare', content: '' });
    expect(held.body['state']).toBe('held');
    const refused = await create({ articles: [idOf(held)] });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, null]);
    expect(refused.body['detail']).toContain('It has a title, but neither text nor picture.');
    const nowhere = await create({ articles: ['01a203ce-351c-743e-b8ae-7411a7169116'] });
    expect([nowhere.status, nowhere.body['code']]).toEqual([404, 'no-such-article']);
  });

  test('is released as it is pushed where that is asked for, and a digest can have it at once', async () => {
    const pushed = await push({ title: 'Storm', release: true, publishedAt: '2030-01-01T00:00:00Z' });
    expect([pushed.status, pushed.body['state'], pushed.body['hold']]).toEqual([201, 'released', null]);
    expect(pushed.body['seq']).toBeGreaterThan(0);
    const made = await create({ articles: [idOf(pushed)] });
    expect([made.status, made.body['cadence']]).toEqual([201, 'operator']);
    await testApp.runDueJobs();
    expect((await call('GET', `/digests/${idOf(made)}`)).body['articles']).toEqual([idOf(pushed)]);
    const writer = await (await openTestApi(testApp)).program('read', 'write');
    const refused = await push({ title: 'Not so fast', release: true }, writer);
    expect([refused.status, refused.body['code']]).toEqual([403, 'missing-scope']);
    expect((await push({ title: 'In time', release: false }, writer)).body['state']).toBe('waiting');
  });
});

test('a time that is over is no time to send at', async () => {
  const before = await rows();
  for (const [sendAt, status] of [
    [new Date(testApp.context.now().getTime() - 3_600_000).toISOString(), 422],
    ['2020-01-01T00:00:00+03:00', 422],
    [new Date(testApp.context.now().getTime() - 30_000).toISOString(), 200],
  ] as const) {
    const answer = await create({ sendAt, dryRun: true });
    expect([sendAt, answer.status]).toEqual([sendAt, status]);
    if (status === 422)
      expect(answer.body['detail']).toMatch(/^Nothing was sent\. sendAt: is over; here it is 2/);
  }
  expect(changedTables(before, await rows())).toEqual([]);
});
