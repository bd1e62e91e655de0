import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { removeOperator } from '../../../../src/operators/accounts.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { HOUR_MS } from '../../../../src/platform/durations.js';
import { blockAddress } from '../../../../src/subscribers/suppression/block-address.js';
import { addReader, resetTestApp } from '../../../support/fixtures.js';
import { lastMail, linkIn, open, post, readMails } from '../../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { addAccount, codeNow, PASSWORD, signedIn, switchCodesOn } from './accounts.js';
import { openBrowser } from './browser.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { TRUST_PROXY: '1' } });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const NEW_PASSWORD = 'tidepool lantern oboe';
const page = '/operator/publications/lantern';
let asked = 0;

/** Asks for a link, each time from another network. */
async function ask(email: string): Promise<Response> {
  const from = { 'x-forwarded-for': `198.51.100.${(asked += 1) % 250}` };
  return post(`${testApp.url}/operator/recovery`, { email }, from);
}

async function recoveryLink(email: string): Promise<string> {
  await ask(email);
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, email), 'recovery');
}

test('a link by mail lets its owner choose a new password; her sessions end, and her address is told', async () => {
  await addAccount(testApp, 'ada@example.com');
  const before = await signedIn(testApp, 'ada@example.com');
  const link = await recoveryLink('ada@example.com');
  expect((await lastMail(testApp, 'ada@example.com')).subject).toBe(
    `Sign in again at ${new URL(testApp.url).host}`,
  );
  const browser = openBrowser(testApp);
  expect(await (await browser.get(link)).text()).toContain('ada@example.com');
  // Looking uses nothing up.
  expect((await before.get(page)).status).toBe(200);
  const weak = await browser.send(link, { password: 'password1234' });
  expect([weak.status, await weak.text()]).toEqual([422, expect.stringContaining('tried first')]);
  expect((await browser.send(link, { password: NEW_PASSWORD })).headers.get('location')).toBe('/operator');
  expect((await browser.get(page)).status).toBe(200);
  expect((await before.get(page)).status).toBe(303);
  const old = await post(`${testApp.url}/operator/sign-in`, { email: 'ada@example.com', password: PASSWORD });
  expect(old.status).toBe(422);
  await testApp.runDueJobs();
  const told = await lastMail(testApp, 'ada@example.com');
  expect(told.subject).toContain('was opened by a link');
  expect(told.text).toMatch(/all other\s+browsers were signed out/);
  const [row] = await testApp.context.db.many(
    sql`select email_confirmed_at is not null as confirmed from operators`,
  );
  expect(row).toEqual({ confirmed: true });
});

test('a link works once, for an hour, and others of the same account stop with it', async () => {
  await addAccount(testApp, 'ada@example.com');
  const [first, second] = [await recoveryLink('ada@example.com'), await recoveryLink('ada@example.com')];
  const presses = await Promise.all([1, 2, 3].map(() => post(first, { password: NEW_PASSWORD })));
  expect(presses.map(({ status }) => status).toSorted()).toEqual([303, 410, 410]);
  expect((await open(second)).status).toBe(410);
  expect((await post(second, { password: PASSWORD })).status).toBe(410);

  testApp.advanceClock(HOUR_MS);
  const late = await recoveryLink('ada@example.com');
  testApp.advanceClock(HOUR_MS);
  const over = await post(late, { password: PASSWORD });
  expect([over.status, await over.text()]).toEqual([410, expect.stringContaining('Nothing was changed.')]);
  for (const wrong of [late.slice(0, -1), `${testApp.url}/operator/recovery/x`])
    expect((await open(wrong)).status).toBe(410);
  // What is for an invitation is not for this.
  expect((await open(first.replace('/recovery/', '/invitation/'))).status).toBe(410);
});

test('a link keeps the second factor: without a code it changes nothing', async () => {
  const { id } = await addAccount(testApp, 'ada@example.com');
  await switchCodesOn(testApp, id);
  const link = await recoveryLink('ada@example.com');
  expect(await (await open(link)).text()).toContain('Your account asks for codes');
  const except = ['rate_limits', 'operator_totp'];
  const before = await dumpTables(testApp.context.db, except);
  for (const code of ['', '000000', 'abcd-efgh-jkmn-pqrs'])
    expect((await post(link, { password: NEW_PASSWORD, code })).status).toBe(422);
  expect(changedTables(before, await dumpTables(testApp.context.db, except))).toEqual([]);
  const code = await codeNow(testApp, id);
  expect((await post(link, { password: NEW_PASSWORD, code })).status).toBe(303);
  expect(
    await testApp.context.db.many(sql`select confirmed_at is not null as is_on from operator_totp`),
  ).toEqual([{ isOn: true }]);
});

test('who asks sees the same, in the same time, whether an account has the address or not', async () => {
  await addAccount(testApp, 'ada@example.com');
  const times: Record<string, number[]> = { ada: [], nobody: [] };
  const answers = new Set<string>();
  for (let round = 0; round < 25; round++)
    for (const name of Object.keys(times)) {
      const began = performance.now();
      const answer = await ask(`${name}@example.com`);
      times[name]?.push(performance.now() - began);
      answers.add(
        `${answer.status} ${answer.headers.get('location')} ${answer.headers.getSetCookie().join()}`,
      );
    }
  expect([...answers]).toEqual(['303 /operator/recovery?done=asked ']);
  const [ada = 0, nobody = 0] = Object.values(times).map((each) => each.toSorted((a, b) => a - b)[12] ?? 0);
  expect(Math.max(ada, nobody) / Math.min(ada, nobody)).toBeLessThan(1.5);
  // Nobody's mailbox is filled, whoever asks from wherever.
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to)).toEqual(
    Array.from({ length: 3 }, () => 'ada@example.com'),
  );
  // What was typed is in no table and no job.
  expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain('nobody@example.com');
});

test('asking is counted by address and network, and what is no address is asked for again', async () => {
  const browser = openBrowser(testApp, { 'x-forwarded-for': '192.0.2.1' });
  const statuses = [];
  for (let tries = 0; tries < 11; tries++)
    statuses.push((await browser.send('/operator/recovery', { email: 'Ada@example.com' })).status);
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 303), 429]);
  expect((await browser.send('/operator/recovery', { email: 'bo@example.com' })).status).toBe(303);
  const mistyped = await browser.send('/operator/recovery', { email: 'ada@"><b>' });
  expect([mistyped.status, await mistyped.text()]).toEqual([
    422,
    expect.stringContaining('ada@&#34;&gt;&lt;b&gt;'),
  ]);
});

test('a link reaches who has blocked the newsletter’s mail, but nobody whose account is removed', async () => {
  const ada = await addAccount(testApp, 'ada@example.com');
  const reader = await addReader(testApp, publication, 'ada@example.com');
  await blockAddress(testApp.context, reader.id);
  const link = await recoveryLink('ada@example.com');
  await removeOperator(testApp.context, ada.id);
  expect((await open(link)).status).toBe(410);
  expect((await post(link, { password: NEW_PASSWORD })).status).toBe(410);
  testApp.smtp.messages.length = 0;
  await ask('ada@example.com');
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toEqual([]);
});

test('without a newsletter that could send it nothing is mailed, and the log says so', async () => {
  await addAccount(testApp, 'ada@example.com', 'administrator');
  await testApp.context.db.run(sql`update publications set archived_at = ${testApp.context.now()}`);
  expect((await ask('ada@example.com')).status).toBe(303);
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toEqual([]);
  expect(await testApp.context.db.many(sql`select kind from notices`)).toEqual([]);
});

test('what is over is deleted a week later', async () => {
  await addAccount(testApp, 'ada@example.com');
  const link = await recoveryLink('ada@example.com');
  await post(link, { password: NEW_PASSWORD });
  testApp.advanceClock(8 * 24 * HOUR_MS + HOUR_MS);
  await testApp.handlers.purge({});
  const { db } = testApp.context;
  expect(await db.many(sql`select id from operator_recoveries`)).toEqual([]);
  expect(await db.many(sql`select id from operator_credential_changes`)).toEqual([]);
});
