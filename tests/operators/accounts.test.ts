import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createOperator, toEmailKey, removeOperator } from '../../src/operators/accounts.js';
import { consumeEntryLink, createEntryLink, createDefaultEntryLink } from '../../src/operators/entry-link.js';
import type { Role } from '../../src/operators/operator.js';
import { listOperatorRoles, listOperators } from '../../src/operators/reads.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { open, post } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { resetTestApp } from '../support/fixtures.js';
import { changedTables, dumpTables } from '../support/table-dump.js';
import { addOperator, enterDashboard, newFormKey } from '../support/operator-session.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ postalAddress: '3 Quay Street' });
});
afterAll(() => testApp.close());

const account = (email: string) =>
  createOperator(testApp.context, { email, name: null, grant: 'administrator' });
const made = (email: string, role?: Role) => addOperator(testApp, email, role);

const look = (cookie: string, path = '') => open(`${testApp.url}/operator${path}`, { cookie });
const press = (cookie: string, path: string) =>
  post(`${testApp.url}/operator${path}`, newFormKey(), { cookie });

test('an address has one account, however it is written, and may have another when that was removed', async () => {
  const ada = await made('Ada@Example.com');
  expect(await account('ada@example.COM')).toBeUndefined();
  expect(await Promise.all([account('eda@example.com'), account('EDA@example.com')])).toContain(undefined);
  expect(await removeOperator(testApp.context, ada.id)).toEqual({ kind: 'removed' });
  expect(await removeOperator(testApp.context, ada.id)).toEqual({ kind: 'unknown' });
  const { id } = await made('ada@example.com', 'editor');
  expect(id).not.toBe(ada.id);
  const operators = await listOperators(testApp.context.db);
  expect(operators.map(({ emailKey, isAdministrator }) => `${emailKey} ${isAdministrator}`)).toEqual([
    'eda@example.com true',
    'ada@example.com false',
  ]);
  expect(await listOperatorRoles(testApp.context.db, id)).toEqual([
    { publicationId: publication.id, role: 'editor' },
  ]);
  expect(toEmailKey('Ada@BÜCHER.example')).toBe('ada@xn--bcher-kva.example');
});

test('the dashboard says who signed in, by a link for an account or for nobody in particular', async () => {
  const { id } = await made('ada@example.com');
  expect(await (await look(await enterDashboard(testApp, id), '/publications/lantern')).text()).toContain(
    'Signed in as ada@example.com',
  );
  const unnamed = await (await look(await enterDashboard(testApp, null), '/publications/lantern')).text();
  expect(unnamed).toContain('Signed in<');
  expect(unnamed).not.toContain('ada@example.com');
});

test('a link for nobody in particular signs in the only operator, but nobody in particular when there are two', async () => {
  const whose = async () => {
    const link = await createDefaultEntryLink(testApp.context);
    return consumeEntryLink(testApp.context, link.slice(link.lastIndexOf('/') + 1));
  };
  expect(await whose()).toEqual({ operatorId: null });
  const { id } = await made('ada@example.com');
  expect(await whose()).toEqual({ operatorId: id });
  await made('eda@example.com');
  expect(await whose()).toEqual({ operatorId: null });
});

test('a viewer sees every page and changes nothing; an editor and an owner do', async () => {
  const { id: digestId } = await testApp.context.db.one<{ id: string }>(sql`
    insert into digests (publication_id, cadence, period, state, reason, expires_at, key_id, created_at)
    values (${publication.id}, 'daily', '2026-11-22', 'held', 'Waiting.', '2026-12-01', 'k', '2026-11-22')
    returning id
  `);
  const viewer = await enterDashboard(testApp, (await made('viewer@example.com', 'viewer')).id);
  for (const path of ['', `/digests/${digestId}`])
    expect((await look(viewer, `/publications/lantern${path}`)).status).toBe(200);
  const before = await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions']);
  const presses = [
    '/digests',
    `/digests/${digestId}/approve`,
    `/digests/${digestId}/cancel`,
    `/circuits/${digestId}/resume`,
    `/articles/${digestId}/release`,
  ];
  for (const path of presses) {
    const refused = await press(viewer, `/publications/lantern${path}`);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('Your account may only look');
  }
  expect(
    changedTables(before, await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions'])),
  ).toEqual([]);

  for (const [role, state] of [
    ['editor', 'approved'],
    ['owner', 'cancelled'],
  ] as const) {
    const cookie = await enterDashboard(testApp, (await made(`${role}@example.com`, role)).id);
    const verb = state === 'approved' ? 'approve' : 'cancel';
    expect((await press(cookie, `/publications/lantern/digests/${digestId}/${verb}`)).status).toBe(303);
    expect(await testApp.context.db.many(sql`select state from digests`)).toEqual([{ state }]);
  }
});

test('an operator who is removed is signed out at the next request, and old links sign nobody in', async () => {
  const { id } = await made('ada@example.com', 'editor');
  const cookie = await enterDashboard(testApp, id);
  const unused = await createEntryLink(testApp.context, id);
  expect((await look(cookie)).headers.get('location')).toBe('/operator/publications/lantern');
  await removeOperator(testApp.context, id);
  expect((await look(cookie)).headers.get('location')).toBe('/operator/sign-in');
  expect((await press(cookie, '/publications/lantern/digests')).status).toBe(401);
  expect((await post(unused)).status).toBe(410);
});

test('signing out ends the session for every copy of its cookie, says so, and may be repeated', async () => {
  const { id } = await made('viewer@example.com', 'viewer');
  const [cookie, other] = [await enterDashboard(testApp, id), await enterDashboard(testApp, id)];
  for (const attempt of [1, 2]) {
    const out = await press(cookie, '/sign-out');
    expect([attempt, out.status]).toEqual([attempt, 200]);
    expect(await out.text()).toContain('You are signed out');
  }
  expect((await look(cookie)).headers.get('location')).toBe('/operator/sign-in');
  expect((await look(other)).headers.get('location')).toBe('/operator/publications/lantern');
  const foreign = { cookie: other, 'sec-fetch-site': 'cross-site' };
  expect((await post(`${testApp.url}/operator/sign-out`, {}, foreign)).status).toBe(403);
  expect((await look(other)).headers.get('location')).toBe('/operator/publications/lantern');
});
