import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createApp } from '../../../src/http/app.js';
import { raw, sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addDigestWithDeliveries } from '../../deliveries/delivery-rows.js';
import { addReader, addReaders, readerAddresses } from '../../support/fixtures.js';
import { writeDraft } from '../../../src/digests/drafts/write-draft.js';
import { openPostgresProxy, type PostgresProxy } from '../../support/postgres-proxy.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { openTestApi, type Api, type ApiResponse, type Call } from './client.js';

let testApp: TestApp;
let proxy: PostgresProxy;
let publication: Publication;
let api: Api;
let call: Call;
let tables: string[];
const server = createServer();

beforeAll(async () => {
  testApp = await openTestApp();
  const { db } = testApp.context;
  const { name } = await db.one<{ name: string }>(sql`select current_database() as name`);
  proxy = await openPostgresProxy(name);
  const named = await db.many<{ name: string }>(sql`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'rate_limits'
  `);
  tables = named.map((table) => table.name);
  publication = await testApp.createPublication({ defaultCadence: 'weekly', holdMinutes: 10 });
  await addReaders(testApp, publication, readerAddresses(3));
  const context = { ...testApp.context, db: proxy.db };
  server.on('request', createApp(context, testApp.keys, { findQueueFault: async () => undefined }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = await openTestApi({ ...testApp, url });
  call = await api.program('read', 'write', 'send');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await proxy.close();
  await testApp.close();
});

/** What a request needs to be there before, and its path and body. */
type Prepare = () => Promise<{ path: string; body?: unknown }>;

const digestIn = async (state: 'held' | 'sending') =>
  (await addDigestWithDeliveries(testApp.context.db, testApp.context.now(), { state }, [{ state: 'queued' }]))
    .digestId;

/** An article that waits; held by a hold of its own where the request decides about that. */
async function addArticle(state: 'waiting' | 'held'): Promise<{ id: string; holdId: string }> {
  const { db, now } = testApp.context;
  const { id } = await db.one<{ id: string }>(sql`
    insert into article_holds (publication_id, code, new_items, total_items, held_items, held_at)
    values (${publication.id}, 'empty', 1, 1, 1, ${now()})
    returning id
  `);
  const title = randomUUID();
  const body = { publication: 'lantern', title, content: `<p>${title}</p>` };
  const pushed = await call('POST', '/articles', body);
  const articleId = String(pushed.body['id']);
  if (state === 'held')
    await db.run(sql`update articles set state = 'held', hold_id = ${id} where id = ${articleId}`);
  return { id: articleId, holdId: id };
}

async function addFeed(): Promise<string> {
  const url = `https://${randomUUID()}.example/feed`;
  return String((await call('POST', '/feeds', { publication: 'lantern', url })).body['id']);
}

/** Of the next digest of a rhythm there is one at a time. */
async function addDraft(cadence: 'weekly' | null): Promise<string> {
  const { context } = testApp;
  await context.db.run(sql`update drafts set state = 'discarded' where cadence = ${cadence}`);
  const target = { cadence, period: null, closesAt: null };
  const { draft } = await writeDraft(context, publication.id, target, { subject: 'Ebb', note: 'Low.' });
  return draft.id;
}

async function addHeldSignUp(): Promise<string> {
  const { id } = await testApp.context.db.one<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, outcome, created_at)
    values (${publication.id}, ${`${randomUUID()}@example.com`}, 'held', ${testApp.context.now()})
    returning id
  `);
  return id;
}

const requests: Record<string, Prepare> = {
  '/hooks': async () => {
    await testApp.context.db.run(sql`delete from provider_hooks`);
    return { path: '/hooks', body: { provider: 'brevo', secret: randomUUID() } };
  },
  '/digests': async () => ({
    path: '/digests',
    body: { publication: 'lantern', articles: [], subject: 'Hello', note: 'We moved.' },
  }),
  '/digests/{id}/approval': async () => ({ path: `/digests/${await digestIn('held')}/approval` }),
  '/digests/{id}/pause': async () => ({ path: `/digests/${await digestIn('sending')}/pause` }),
  '/digests/{id}/cancellation': async () => ({ path: `/digests/${await digestIn('sending')}/cancellation` }),
  '/articles': async () => ({
    path: '/articles',
    body: { publication: 'lantern', title: randomUUID(), content: '<p>Told in full.</p>' },
  }),
  '/articles/{id}/release': async () => ({ path: `/articles/${(await addArticle('held')).id}/release` }),
  '/articles/{id}/hold': async () => ({ path: `/articles/${(await addArticle('waiting')).id}/hold` }),
  '/article-holds/{id}/decision': async () => ({
    path: `/article-holds/${(await addArticle('held')).holdId}/decision`,
    body: { release: 'all' },
  }),
  '/feeds': async () => ({
    path: '/feeds',
    body: { publication: 'lantern', url: `https://${randomUUID()}.example/feed` },
  }),
  '/feeds/{id}/poll': async () => ({ path: `/feeds/${await addFeed()}/poll` }),
  '/publications': async () => ({
    path: '/publications',
    body: {
      ...{ slug: `p${randomUUID().slice(0, 13)}`, name: 'Another', siteUrl: 'https://other.example/' },
      ...{ fromAddress: 'news@other.example', timezone: 'Europe/Berlin', locale: 'en' },
    },
  }),
  '/publications/{id}/archival': async () => {
    const { id } = await testApp.createPublication({ slug: `p${randomUUID().slice(0, 13)}` });
    return { path: `/publications/${id}/archival` };
  },
  '/subscriptions': async () => ({
    path: '/subscriptions',
    body: { publication: 'lantern', email: `${randomUUID()}@example.com` },
  }),
  '/subscriptions/{id}/unsubscription': async () => {
    const { id } = await addReader(testApp, publication, `${randomUUID()}@example.com`);
    return { path: `/subscriptions/${id}/unsubscription` };
  },
  '/drafts': async () => ({
    path: '/drafts',
    body: { publication: 'lantern', subject: 'Ebb', note: 'Low.' },
  }),
  '/drafts/{id}/approval': async () => ({
    path: `/drafts/${await addDraft('weekly')}/approval`,
    body: { version: 1 },
  }),
  '/drafts/{id}/digest': async () => ({
    path: `/drafts/${await addDraft(null)}/digest`,
    body: { version: 1 },
  }),
  '/exports': async () => ({ path: '/exports', body: { publication: 'lantern', format: 'jsonl' } }),
  '/suppressions': async () => ({
    path: '/suppressions',
    body: { publication: 'lantern', email: `${randomUUID()}@example.com`, note: 'asked' },
  }),
  '/sign-up-holds/{id}/release': async () => ({ path: `/sign-up-holds/${await addHeldSignUp()}/release` }),
};

test('every POST of the API is among them', () => {
  const posts = api.operations.filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect(Object.keys(requests).toSorted()).toEqual(posts.toSorted());
});

/** Of every table, in one statement: it is asked for hundreds of times. */
async function countRows(): Promise<Record<string, number>> {
  const counts = tables.map((name) => `select '${name}' as name, count(*) as count from "${name}"`);
  const rows = await testApp.context.db.many<{ name: string; count: number }>(
    sql`${raw(counts.join(' union all '))}`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

/** How many rows each table has more than before. */
async function addedRows(before: Record<string, number>): Promise<Record<string, number>> {
  const after = await countRows();
  const added = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(added.filter(([, count]) => count !== 0));
}

/** As a program would: again, with the same key, while the first request still holds it. */
async function retry(send: () => Promise<ApiResponse>): Promise<ApiResponse> {
  for (let tries = 0; ; tries++) {
    const answer = await send();
    if (answer.body['code'] !== 'idempotency-key-in-use' || tries === 20) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.each(Object.keys(requests))(
  'POST %s with a key is done once, and answered so, whichever statement the database fails at',
  async (template) => {
    const prepare = requests[template] as Prepare;
    const attempt = async (failAt: number | undefined, when: 'before' | 'after') => {
      const { path, body } = await prepare();
      // A token of its own: its rate is limited.
      const program = await api.program('write', 'send');
      const before = await countRows();
      const send = () => program('POST', path, body, { 'idempotency-key': key });
      const key = randomUUID();
      proxy.failAt(failAt, when);
      const first = await send();
      const statements = proxy.count();
      proxy.failAt(undefined);
      const second = await retry(send);
      const third = await retry(send);
      return { first, second, third, statements, added: await addedRows(before) };
    };
    const calm = await attempt(undefined, 'after');
    expect([calm.first.status, calm.first.status < 300]).toEqual([calm.second.status, true]);
    expect([calm.second.text, calm.third.text]).toEqual([calm.first.text, calm.first.text]);
    expect(calm.added['idempotency_keys']).toBe(1);

    const cases = [[1, 'before'] as const, ...range(calm.statements).map((at) => [at, 'after'] as const)];
    let failures = 0;
    for (const [at, when] of cases) {
      const { first, second, third, added } = await attempt(at, when);
      const said = `${when} statement ${at}: ${first.status}, then ${second.status} ${second.text}`;
      if (first.status >= 500) failures++;
      else expect([said, first.text]).toEqual([said, second.text]);
      expect([said, second.status, third.text]).toEqual([said, calm.first.status, second.text]);
      expect([said, added]).toEqual([said, calm.added]);
    }
    expect(failures).toBeGreaterThan(calm.statements / 2);
  },
  60_000,
);

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1);
}
