import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addArticles, addReaders, readerAddresses } from '../../support/fixtures.js';
import { createOperator } from '../../../src/operators/accounts.js';
import { createToken } from '../../../src/operators/api-token.js';
import { setRole } from '../../../src/operators/change-role.js';
import { idOf, openTestApi, type Api, type Call } from './client.js';

let testApp: TestApp;
let publication: Publication;
let api: Api;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'weekly' });
  await addReaders(testApp, publication, readerAddresses(3));
  api = await openTestApi(testApp);
  call = await api.program('read', 'write', 'send');
});

afterAll(() => testApp.close());

const push = (key: string, title: string, as = call) =>
  as('POST', '/articles', { publication: 'lantern', title }, { 'idempotency-key': key });

async function count(table: 'articles' | 'digests'): Promise<number> {
  const rows = await testApp.context.db.one<Record<typeof table, number>>(sql`
    select (select count(*) from articles) as articles, (select count(*) from digests) as digests
  `);
  return rows[table];
}

test('the same key and body get the first answer, byte for byte, though the article has changed since', async () => {
  const first = await push('harbour-1', 'Harbour “ü” \u2028');
  expect(first.status).toBe(201);
  await call('PUT', `/articles/${idOf(first)}`, { title: 'Corrected' });
  testApp.advanceClock(3600_000);
  const again = await push('harbour-1', 'Harbour “ü” \u2028');
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
  expect(await count('articles')).toBe(1);
});

test('the same key with another body, path or method is refused; another token has keys of its own', async () => {
  const other = await push('harbour-1', 'Storm');
  expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
  const elsewhere = await call('POST', '/publications/lantern/archival', undefined, {
    'idempotency-key': 'harbour-1',
  });
  expect([elsewhere.status, elsewhere.body['code']]).toEqual([422, 'idempotency-key-reused']);
  expect((await call('GET', '/publications/lantern')).body['archivedAt']).toBeNull();
  expect((await push('harbour-1', 'Storm', await api.program('write'))).status).toBe(201);
  for (const key of ['two words', 'x'.repeat(256), 'schlüssel']) {
    const refused = await push(key, 'Odd');
    expect([refused.status, refused.body['code']]).toEqual([400, 'bad-idempotency-key']);
  }
  expect((await push('x'.repeat(255), 'Long')).status).toBe(201);
});

test('many at once with one key are one article and one digest; each gets that answer or is told to wait', async () => {
  await addArticles(testApp, publication, 'Moon');
  const articles = await count('articles');
  const key = randomUUID();
  const digest = () => call('POST', '/digests', { publication: 'lantern' }, { 'idempotency-key': key });
  for (const [what, ask] of [
    ['articles', () => push(key + 'a', 'At once')],
    ['digests', digest],
  ] as const) {
    const answers = await Promise.all(Array.from({ length: 8 }, ask));
    const made = answers.filter(({ status }) => status === 201);
    expect([what, new Set(made.map(({ text }) => text)).size]).toEqual([what, 1]);
    for (const { status, body, headers } of answers.filter(({ status: each }) => each !== 201))
      expect([status, body['code'], headers.get('retry-after')]).toEqual([
        409,
        'idempotency-key-in-use',
        '1',
      ]);
  }
  expect([await count('articles'), await count('digests')]).toEqual([articles + 1, 1]);
});

test('refusals and internal errors are not stored: the same key may try again', async () => {
  const archived = await call('POST', '/digests', { publication: 'nowhere' }, { 'idempotency-key': 'later' });
  expect(archived.status).toBe(404);
  await testApp.createPublication({ slug: 'nowhere' });
  const now = await call(
    'POST',
    '/digests',
    { publication: 'nowhere', dryRun: true },
    { 'idempotency-key': 'later' },
  );
  expect(now.status).toBe(200);

  await testApp.context.db.run(sql`alter table articles rename to articles_away`);
  const broken = await push('broken-1', 'Once more');
  await testApp.context.db.run(sql`alter table articles_away rename to articles`);
  expect(broken.status).toBe(500);
  expect(await push('broken-1', 'Once more')).toMatchObject({ status: 201 });
});

test('stored answers are deleted after a day', async () => {
  const { db } = testApp.context;
  const keys = async () =>
    (await db.many<{ key: string }>(sql`select key from idempotency_keys`)).map(({ key }) => key);
  testApp.advanceClock(23 * 3600_000);
  await testApp.handlers.purge({});
  expect(await keys()).toContain('broken-1');
  testApp.advanceClock(2 * 3600_000);
  await testApp.handlers.purge({});
  expect(await keys()).toEqual([]);
});

test('who may not do it any more does not see the first answer either, and who may again does', async () => {
  const { context, url } = testApp;
  const grant = { role: 'editor' as const, publicationIds: [publication.id] };
  const maker = await createOperator(context, { email: 'edits@lantern.example', name: null, grant });
  const operatorId = maker?.id ?? '';
  const { token } = await createToken(context, { name: 'Mine', scopes: ['write'], operatorId });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': 'mine-1',
  };
  const body = JSON.stringify({ publication: 'lantern', title: 'Mine alone' });
  const send = () => fetch(`${url}/api/v1/articles`, { method: 'POST', headers, body });
  const first = await send();
  const answer = await first.text();
  expect(first.status).toBe(201);
  await setRole(context, { operatorId, publicationId: publication.id, role: 'viewer' });
  const refused = await send();
  expect([refused.status, await refused.text()]).toEqual([403, expect.not.stringContaining('Mine alone')]);
  await setRole(context, { operatorId, publicationId: publication.id, role: 'editor' });
  const again = await send();
  expect([again.status, await again.text()]).toEqual([201, answer]);
});
