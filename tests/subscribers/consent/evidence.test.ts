import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { requestConfirmLink, lastMail, linkIn, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { resetTestApp } from '../../support/fixtures.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const email = 'imani@example.com';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(() => resetTestApp(testApp));

const kept = () =>
  testApp.context.db.many(sql`
    select host(request_ip) as request_ip, request_agent, host(confirm_ip) as confirm_ip, confirm_agent from consents
  `);
const nothing = { requestIp: null, requestAgent: null, confirmIp: null, confirmAgent: null };

/** She confirms at a newsletter that stores the origin of consents for so many days. */
async function confirmWith(evidenceDays: number, agent: string): Promise<void> {
  const { id } = await testApp.createPublication();
  await testApp.context.db.run(sql`update publications set evidence_days = ${evidenceDays} where id = ${id}`);
  const link = await requestConfirmLink(testApp, email);
  await testApp.context.db.run(sql`update sign_up_requests set ip = '203.0.113.9', agent = 'Asking browser'`);
  await post(link, {}, { 'user-agent': agent });
  await testApp.runDueJobs();
}

test('unless a publication asks for it, neither network nor browser is stored with a consent', async () => {
  await confirmWith(0, 'Confirming browser');
  expect(await kept()).toEqual([nothing]);
});

test('a publication that wants the origin has it for as many days as it sets, and not an hour longer', async () => {
  await confirmWith(30, 'Confirming browser');
  const proof = {
    requestIp: '203.0.113.9',
    requestAgent: 'Asking browser',
    confirmIp: '127.0.0.1',
    confirmAgent: 'Confirming browser',
  };
  expect(await kept()).toEqual([proof]);
  testApp.advanceClock(30 * DAY_MS);
  await testApp.handlers.purge({});
  expect(await kept()).toEqual([proof]);
  testApp.advanceClock(HOUR_MS);
  await testApp.handlers.purge({});
  expect(await kept()).toEqual([nothing]);
  expect(await testApp.context.db.many(sql`select kind from consents`)).toEqual([{ kind: 'confirmed' }]);
});

test('a link that is sent again keeps the origin of her form', async () => {
  const { id } = await testApp.createPublication();
  await testApp.context.db.run(sql`update publications set evidence_days = 30 where id = ${id}`);
  const link = await requestConfirmLink(testApp, email);
  await testApp.context.db.run(sql`update sign_up_requests set ip = '203.0.113.9', agent = 'Asking browser'`);
  testApp.advanceClock(3 * DAY_MS);
  await post(`${link}/resend`);
  await testApp.runDueJobs();
  await post(linkIn(await lastMail(testApp, email), 'confirm'));
  expect(await kept()).toMatchObject([{ requestIp: '203.0.113.9', requestAgent: 'Asking browser' }]);
});

test('the origin of a form that nobody confirmed is deleted after as many days', async () => {
  const { id } = await testApp.createPublication();
  await testApp.context.db.run(sql`update publications set evidence_days = 2 where id = ${id}`);
  await requestConfirmLink(testApp, email);
  await testApp.context.db.run(sql`update sign_up_requests set ip = '203.0.113.9', agent = 'Asking browser'`);
  const origins = () => testApp.context.db.many(sql`select host(ip) as ip, agent from sign_up_requests`);
  testApp.advanceClock(2 * DAY_MS);
  await testApp.handlers.purge({});
  expect(await origins()).toEqual([{ ip: '203.0.113.9', agent: 'Asking browser' }]);
  testApp.advanceClock(HOUR_MS);
  await testApp.handlers.purge({});
  expect(await origins()).toEqual([{ ip: null, agent: null }]);
});

test('the user agent is truncated', async () => {
  await confirmWith(1, `x${'y'.repeat(2000)}`);
  const [row] = (await kept()) as { confirmAgent: string }[];
  expect(row?.confirmAgent).toHaveLength(500);
});
