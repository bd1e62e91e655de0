import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEntryLink } from '../../../src/operators/entry-link.js';
import { sql } from '../../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../../src/platform/durations.js';
import { resetTestApp } from '../../support/fixtures.js';
import { enterDashboard, mainText } from '../../support/operator-session.js';
import { lastMail, open, post, readMails } from '../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { addAccount, codeNow, hiddenField, PASSWORD, signedIn, switchCodesOn } from './sign-in/accounts.js';
import { openBrowser, type Browser } from './sign-in/browser.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  await testApp.createPublication();
});
afterAll(() => testApp.close());

const NEW_PASSWORD = 'tidepool lantern oboe';
const words = async (answer: Response | Promise<Response>) => mainText(await (await answer).text());
const location = async (answer: Promise<Response>) => (await answer).headers.get('location');

describe('an operator', () => {
  test('sees her account, gives herself a name, and what cannot be one is shown again', async () => {
    await addAccount(testApp, 'ada@example.com');
    const browser = await signedIn(testApp, 'ada@example.com');
    expect(await words(browser.get('/operator/account'))).toMatch(
      /ada@example\.com Editor of The Lantern .*You have none yet/,
    );
    expect(await location(browser.send('/operator/account/name', { name: ' Ada L. ' }))).toBe(
      '/operator/account?done=name',
    );
    expect(await (await browser.get('/operator/account?done=name')).text()).toMatch(
      /Saved\..*value="Ada L\."/s,
    );
    const refused = await browser.send('/operator/account/name', {
      name: 'x'.repeat(201),
      email: 'other@example.com',
    });
    expect([refused.status, await refused.text()]).toEqual([
      422,
      expect.stringContaining(`value="${'x'.repeat(201)}"`),
    ]);
    expect(await testApp.context.db.many(sql`select name, email from operators`)).toEqual([
      { name: 'Ada L.', email: 'ada@example.com' },
    ]);
  });

  test('changes her password: others who are signed in as her are out, she goes on under a new id, and is told', async () => {
    await addAccount(testApp, 'ada@example.com');
    const [browser, other] = [
      await signedIn(testApp, 'ada@example.com'),
      await signedIn(testApp, 'ada@example.com'),
    ];
    const before = browser.cookies.get('paperround_operator');
    const weak = await browser.send('/operator/account/password', { password: 'ada@example.com' });
    expect([weak.status, await weak.text()]).toEqual([422, expect.stringContaining('tried first')]);
    expect(await location(browser.send('/operator/account/password', { password: NEW_PASSWORD }))).toBe(
      '/operator/account?done=password',
    );
    expect(browser.cookies.get('paperround_operator')).not.toBe(before);
    expect((await browser.get('/operator/account')).status).toBe(200);
    expect((await other.get('/operator/account')).status).toBe(303);
    await testApp.runDueJobs();
    expect((await lastMail(testApp, 'ada@example.com')).subject).toContain('password');
    const again = { email: 'ada@example.com', password: NEW_PASSWORD };
    expect((await post(`${testApp.url}/operator/sign-in`, again)).status).toBe(303);
  });

  test('sees where she is signed in, ends one session or all others, and nobody else’s', async () => {
    await addAccount(testApp, 'ada@example.com');
    await addAccount(testApp, 'bo@example.com');
    const firefox = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 <b>x</b>',
    };
    const phone = openBrowser(testApp, firefox);
    await phone.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    const [browser, third, bo] = [
      await signedIn(testApp, 'ada@example.com'),
      await signedIn(testApp, 'ada@example.com'),
      await signedIn(testApp, 'bo@example.com'),
    ];
    const page = await (await browser.get('/operator/account')).text();
    expect(mainText(page)).toContain('Firefox on Linux Signed in');
    expect(page).not.toContain('<b>x</b>');
    expect(page.match(/sessions\/[\w-]{36}\/end/g)).toHaveLength(2);
    const rows = await testApp.context.db.many<{ id: string; browser: string }>(
      sql`select id, browser from operator_sessions order by signed_in_at, id`,
    );
    const own = rows.find((row) => row.browser === 'Firefox on Linux');
    expect((await bo.send(`/operator/account/sessions/${own?.id}/end`)).status).toBe(404);
    expect((await phone.get('/operator/account')).status).toBe(200);
    expect(await location(browser.send(`/operator/account/sessions/${own?.id}/end`))).toContain(
      'done=session-ended',
    );
    expect((await phone.get('/operator/account')).status).toBe(303);
    await browser.send('/operator/account/sessions/end');
    expect((await third.get('/operator/account')).status).toBe(303);
    expect((await browser.get('/operator/account')).status).toBe(200);
    expect((await bo.get('/operator/account')).status).toBe(200);
  });

  test('sets up codes with a picture, gets recovery codes once, makes new ones, and switches codes off', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    const browser = await signedIn(testApp, 'ada@example.com');
    const other = await signedIn(testApp, 'ada@example.com');
    expect(await location(browser.send('/operator/account/totp'))).toBe('/operator/account/totp');
    const setUp = await (await browser.get('/operator/account/totp')).text();
    expect(setUp).toContain('<svg class="qr" role="img"');
    expect(setUp).toMatch(/<strong class="address">[A-Z2-7 ]{39}<\/strong>/);
    // Nothing is asked for before a code was right.
    expect(
      (await post(`${testApp.url}/operator/sign-in`, { email: 'ada@example.com', password: PASSWORD }))
        .status,
    ).toBe(303);
    const wrong = await browser.send('/operator/account/totp/confirm', { code: '000000' });
    expect([wrong.status, await wrong.text()]).toEqual([
      422,
      expect.stringContaining('codes are not on yet'),
    ]);
    const on = await browser.send('/operator/account/totp/confirm', { code: await codeNow(testApp, id) });
    const codes =
      /<pre class="codes">(.*?)<\/pre>/s
        .exec(await on.text())?.[1]
        ?.trim()
        .split('\n') ?? [];
    expect(codes).toHaveLength(10);
    expect((await other.get('/operator/account')).status).toBe(303);
    expect(await words(browser.get('/operator/account'))).toContain('You have 10 recovery codes left');
    expect(JSON.stringify(await dumpTables(testApp.context.db, []))).not.toContain(
      codes[0]?.replaceAll('-', ''),
    );
    // A secret that is in use is neither shown again nor replaced.
    expect(await location(browser.get('/operator/account/totp'))).toBe('/operator/account');
    await browser.send('/operator/account/totp');
    const asked = await openBrowser(testApp).send('/operator/sign-in', {
      email: 'ada@example.com',
      password: PASSWORD,
    });
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('Type a code')]);

    const renewed = await (await browser.send('/operator/account/recovery-codes')).text();
    expect(renewed).not.toContain(codes[0]);
    await browser.send('/operator/account/totp/off');
    expect(await words(browser.get('/operator/account'))).toContain('Off. With codes');
    const tables = await dumpTables(testApp.context.db, []);
    expect([tables['operator_totp'], tables['operator_recovery_codes']]).toEqual([[], []]);
    expect(tables['wrapped_keys']?.join()).not.toContain('operator-totp');
    await testApp.runDueJobs();
    expect((await readMails(testApp)).map(({ subject }) => subject.replace(/ at .*/, ''))).toEqual([
      'Codes are on',
      'New recovery codes',
      'Codes are off',
    ]);
  });

  test('without an account of her own is told how to get one, and changes none', async () => {
    const cookie = await enterDashboard(testApp, null);
    expect(await words(open(`${testApp.url}/operator/account`, { cookie }))).toContain(
      'npx paperround operator create',
    );
    const before = await dumpTables(testApp.context.db);
    for (const path of ['name', 'password', 'totp', 'totp/off', 'sessions/end', 'recovery-codes', 'passkeys'])
      expect((await post(`${testApp.url}/operator/account/${path}`, {}, { cookie })).status).toBe(404);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });
});

describe('after ten minutes', () => {
  let browser: Browser;

  const later = async (email = 'ada@example.com') => {
    browser = await signedIn(testApp, email);
    testApp.advanceClock(10 * MINUTE_MS);
  };

  test('a sensitive act asks again, changes nothing until then, and goes on with what was typed', async () => {
    await addAccount(testApp, 'ada@example.com');
    await later();
    const before = await dumpTables(testApp.context.db);
    const asked = await browser.send('/operator/account/password', { password: NEW_PASSWORD });
    const page = await asked.text();
    expect([asked.status, page]).toEqual([403, expect.stringContaining('Show that it is you')]);
    expect(page).toContain('action="/operator/account/password"');
    expect(hiddenField(page, 'password')).toBe(NEW_PASSWORD);
    const wrong = await browser.send('/operator/account/password', {
      password: NEW_PASSWORD,
      'confirm-password': 'x',
    });
    expect([wrong.status, await wrong.text()]).toEqual([
      422,
      expect.stringContaining('This password is not right'),
    ]);
    const after = await dumpTables(testApp.context.db);
    expect(changedTables(before, after)).toEqual(['operator_sessions']);
    const confirmed = { password: NEW_PASSWORD, 'confirm-password': PASSWORD };
    expect(await location(browser.send('/operator/account/password', confirmed))).toBe(
      '/operator/account?done=password',
    );
    // For another ten minutes she is not asked.
    expect((await browser.send('/operator/account/totp')).status).toBe(303);
    testApp.advanceClock(10 * MINUTE_MS - 1);
    expect((await browser.get('/operator/account/totp')).status).toBe(200);
    testApp.advanceClock(1);
    expect(await location(browser.get('/operator/account/totp'))).toBe(
      '/operator/confirm?next=%2Foperator%2Faccount%2Ftotp',
    );
  });

  test('a page is shown once she has shown that it is she, with a code where her account has them', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    await addAccount(testApp, 'bo@example.com');
    await switchCodesOn(testApp, id);
    browser = openBrowser(testApp);
    const asked = await browser.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    const ticket = hiddenField(await asked.text(), 'ticket');
    await browser.send('/operator/sign-in/code', { ticket, code: await codeNow(testApp, id) });
    testApp.advanceClock(10 * MINUTE_MS);
    const form = (code: string) => ({
      next: '/operator/account',
      'confirm-password': PASSWORD,
      'confirm-code': code,
    });
    expect(await words(browser.get('/operator/confirm?next=/operator/account'))).toContain('Code');
    const refused = await browser.send('/operator/confirm', form('000000'));
    expect([refused.status, await refused.text()]).toEqual([
      422,
      expect.stringContaining('This code is not right'),
    ]);
    expect(await location(browser.send('/operator/confirm', form(await codeNow(testApp, id))))).toBe(
      '/operator/account',
    );
    expect(
      await location(browser.send('/operator/confirm', { ...form('x'), next: 'https://evil.example' })),
    ).toBeNull();
  });

  test('tries are counted, also from a browser that is signed in', async () => {
    await addAccount(testApp, 'ada@example.com');
    await later();
    const attempt = () => browser.send('/operator/account/totp', { 'confirm-password': 'is it this' });
    for (let tries = 0; tries < 10; tries++) expect((await attempt()).status).toBe(422);
    const limited = await attempt();
    expect([limited.status, await limited.text()]).toEqual([
      429,
      expect.stringContaining('Nothing was changed.'),
    ]);
  });

  test('who was let in by the command line alone shows it by another link of it, for the same account', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    const { db } = testApp.context;
    await db.run(sql`delete from operator_passwords`);
    const cookie = await enterDashboard(testApp, id);
    testApp.advanceClock(10 * MINUTE_MS);
    const send = (fields: Record<string, string>) =>
      post(`${testApp.url}/operator/account/password`, { password: NEW_PASSWORD, ...fields }, { cookie });
    expect(await words(send({}))).toContain('npx paperround operator link ada@example.com');
    const others = await createEntryLink(testApp.context, null);
    expect((await send({ 'confirm-link': others })).status).toBe(422);
    const link = await createEntryLink(testApp.context, id);
    expect((await send({ 'confirm-link': ` ${link}\n` })).headers.get('location')).toContain('done=password');
    expect((await post(link)).status).toBe(410);
  });
});
