import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createToken } from '../../../../src/operators/api-token.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { mainText } from '../../../support/operator-session.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addAccount, signedIn } from '../sign-in/accounts.js';
import type { Browser } from '../sign-in/browser.js';

let testApp: TestApp;
let owner: Browser;

const PAGE = '/operator/publications/lantern/settings/programs';

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  await testApp.createPublication();
  await addAccount(testApp, 'owner@example.com', 'owner');
  await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  owner = await signedIn(testApp, 'owner@example.com');
});
afterAll(() => testApp.close());

const tokenIn = (html: string) => /pr_[\w-]{43}/.exec(html)?.[0] ?? '';

async function api(token: string, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${testApp.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, body: await answer.text() };
}

test('an owner makes a token for her newsletter, is shown it once, and revokes it', async () => {
  const made = await owner.send(PAGE, { name: ' Our website ', scope: 'read' });
  const page = await made.text();
  expect([made.status, mainText(page)]).toEqual([200, expect.stringContaining('it is not shown again')]);
  const token = tokenIn(page);
  const listed = await (await owner.get(PAGE)).text();
  expect(mainText(listed)).toMatch(/Our website May read\. Made .* by owner@example\.com, never used/);
  expect(tokenIn(listed)).toBe('');
  expect((await api(token, '/articles?publication=lantern')).status).toBe(200);
  expect((await api(token, '/articles?publication=tides')).status).toBe(404);
  expect(mainText(await (await owner.get(PAGE)).text())).toContain('last used');
  const [, id = ''] = /programs\/([\w-]{36})\/revoke/.exec(listed) ?? [];
  expect((await owner.send(`${PAGE}/${id}/revoke`)).headers.get('location')).toBe(`${PAGE}?done=revoked`);
  expect((await api(token, '/articles?publication=lantern')).status).toBe(401);
  expect((await owner.send(`${PAGE}/${id}/revoke`)).status).toBe(404);
});

test('without a name or anything that it may do no token is made, and what was typed is kept', async () => {
  for (const [fields, sentence] of [
    [{ name: '', scope: 'send' }, 'Say what it is for'],
    [{ name: 'Our <site>' }, 'Choose at least one thing'],
    [{ name: 'Our <site>', scope: 'admin' }, 'Choose at least one thing'],
  ] as const) {
    const refused = await owner.send(PAGE, fields);
    const page = await refused.text();
    expect([refused.status, page]).toEqual([422, expect.stringContaining(sentence)]);
    expect(page).toContain(`value="${fields.name.replace('<site>', '&lt;site&gt;')}"`);
  }
  expect(await testApp.context.db.many(sql`select id from api_tokens`)).toEqual([]);
});

test('an owner neither makes, sees nor revokes tokens of the whole server or of another newsletter', async () => {
  const { db } = testApp.context;
  const { id: tides } = await db.one<{ id: string }>(sql`select id from publications where slug = 'tides'`);
  const ids = [
    (await createToken(testApp.context, { name: 'Everything', scopes: ['read'] })).id,
    (await createToken(testApp.context, { name: 'Elsewhere', scopes: ['read'], publicationId: tides })).id,
  ];
  const html = await (await owner.get(PAGE)).text();
  expect(html).not.toMatch(/Everything|Elsewhere|All newsletters/);
  for (const id of ids) expect((await owner.send(`${PAGE}/${id}/revoke`)).status).toBe(404);
  await owner.send(PAGE, {
    name: 'Sly',
    scope: 'read',
    reach: 'server',
    publicationId: tides,
    operatorId: '',
  });
  const rows = await db.many(sql`
    select t.name, p.slug, o.email, t.revoked_at
      from api_tokens t
      left join publications p on p.id = t.publication_id
      left join operators o on o.id = t.operator_id
     order by t.id
  `);
  expect(rows).toEqual([
    { name: 'Everything', slug: null, email: null, revokedAt: null },
    { name: 'Elsewhere', slug: 'tides', email: null, revokedAt: null },
    { name: 'Sly', slug: 'lantern', email: 'owner@example.com', revokedAt: null },
  ]);
});

test('an administrator makes a token for the whole server, which may no more once she is none', async () => {
  const boss = await addAccount(testApp, 'boss@example.com', 'administrator');
  const browser = await signedIn(testApp, 'boss@example.com');
  const page = await (await browser.send(PAGE, { name: 'Backup', scope: 'read', reach: 'server' })).text();
  const token = tokenIn(page);
  expect(mainText(page)).toContain('on the whole server');
  expect(JSON.parse((await api(token, '/publications')).body)).toMatchObject({
    data: [{ slug: 'tides' }, { slug: 'lantern' }],
  });
  await testApp.context.db.run(sql`update operators set is_administrator = false where id = ${boss.id}`);
  expect(JSON.parse((await api(token, '/publications')).body)).toMatchObject({ data: [] });
  expect((await api(token, '/audit')).status).toBe(403);
});
