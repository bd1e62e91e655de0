import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { roles, type Role } from '../../../../src/operators/operator.js';
import { access, findNeed, slugIn, type Need } from '../../../../src/http/dashboard/frame/access.js';
import { addOperator, enterDashboard } from '../../../support/operator-session.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { routesOfApp } from '../../../screens/routes.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
});

afterAll(() => testApp.close());

const NOBODY = '00000000-0000-7000-8000-000000000000';
const KEPT = ['rate_limits', 'operator_sessions'];

/** Who may: a viewer looks, an editor changes, an owner does everything. */
const allowed: Readonly<Record<Need, readonly Role[]>> = {
  public: roles,
  account: roles,
  look: roles,
  change: ['owner', 'editor'],
  own: ['owner'],
  // Administrators of the server alone, who need no role.
  administer: [],
};

function request(route: string, cookie: string): Promise<Response> {
  const [method = '', path = ''] = route.split(' ');
  const url = testApp.url + '/operator' + path.replace(':slug', 'lantern').replaceAll(/:\w+/g, NOBODY);
  return fetch(url, { method, redirect: 'manual', headers: { accept: 'text/html', cookie } });
}

const guarded = Object.entries(access).filter(([, need]) => need !== 'public');

test('every route of the dashboard is in the table of what it needs, and the table names no other', () => {
  const routes = routesOfApp(testApp.app)
    .filter(({ path }) => path === '/operator' || path.startsWith('/operator/'))
    .map(({ method, path }) => `${method} ${path.slice('/operator'.length) || '/'}`);
  expect(new Set(Object.keys(access))).toEqual(new Set(routes));
});

test.each(guarded)('%s is shown to nobody who is not signed in', async (route) => {
  const before = await dumpTables(testApp.context.db, KEPT);
  const { status, headers } = await request(route, '');
  if (route.startsWith('GET')) expect(headers.get('location')).toMatch(/^\/operator\/sign-in(\?next=|$)/);
  expect(status).toBe(route.startsWith('GET') ? 303 : 401);
  expect(changedTables(before, await dumpTables(testApp.context.db, KEPT))).toEqual([]);
});

describe.each(roles)('a signed-in %s', (role) => {
  let operatorId: string;

  beforeAll(async () => {
    operatorId = (await addOperator(testApp, `${role}@lantern.example`, role)).id;
  });

  test.each(guarded)('gets from %s what the role allows', async (route, need) => {
    // Each time anew: some routes end sessions.
    const cookie = await enterDashboard(testApp, operatorId);
    if (allowed[need].includes(role)) {
      const { status } = await request(route, cookie);
      return expect([401, 403]).not.toContain(status);
    }
    const before = await dumpTables(testApp.context.db, KEPT);
    expect((await request(route, cookie)).status).toBe(403);
    return expect(changedTables(before, await dumpTables(testApp.context.db, KEPT))).toEqual([]);
  });
});

test('a route that is not in the table needs something that nobody has, and HEAD is as GET', () => {
  expect(findNeed('GET', '/publications/lantern/secrets')).toBeUndefined();
  expect(findNeed('DELETE', '/publications/lantern')).toBeUndefined();
  expect(findNeed('HEAD', '/publications/lantern/')).toBe('look');
  expect(findNeed('GET', '/Publications/lantern/DIGESTS/1')).toBe('look');
  expect([slugIn('/publications/lantern/digests'), slugIn('/alerts/1'), slugIn('/')]).toEqual([
    'lantern',
    undefined,
    undefined,
  ]);
});
