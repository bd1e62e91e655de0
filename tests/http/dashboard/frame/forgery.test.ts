import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { access } from '../../../../src/http/dashboard/frame/access.js';
import { addOperator, enterDashboard } from '../../../support/operator-session.js';
import { post } from '../../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  cookie = await enterDashboard(testApp, (await addOperator(testApp, 'ada@example.com')).id);
});
afterAll(() => testApp.close());

const NOBODY = '00000000-0000-7000-8000-000000000000';
const forms = Object.keys(access).filter((route) => route.startsWith('POST '));

/** How browsers say that another site, or a page of the same site on another host, sent a form. */
const foreign: Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://sub.evil.example' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
];

test('the table of routes has forms', () => {
  expect(forms.length).toBeGreaterThan(30);
});

test.each(forms)('%s is refused where a page of another site sent it, and changes nothing', async (route) => {
  const path = route.slice('POST '.length).replace(':slug', 'lantern').replaceAll(/:\w+/g, NOBODY);
  const before = await dumpTables(testApp.context.db, []);
  for (const headers of foreign)
    expect((await post(`${testApp.url}/operator${path}`, {}, { cookie, ...headers })).status).toBe(403);
  expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
});
