import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser as Chromium } from 'playwright-core';
import { createInvitedOperator } from '../../../../src/operators/invitations/invite.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';
import { openBrowser as openChromium, openBrowserWindow } from '../../../support/browser.js';
import { describeInChromium } from '../../../support/chromium-tests.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { readMails } from '../../../support/reader-actions.js';
import { createAuthenticator } from '../../../support/software-authenticator.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addVirtualAuthenticator } from '../../../support/virtual-authenticator.js';
import { addAccount, PASSWORD, signedIn, switchCodesOn } from './accounts.js';
import { openBrowser, type Browser } from './browser.js';

let testApp: TestApp;
let origin: string;

beforeAll(async () => {
  testApp = await openTestApp({ hostname: 'localhost' });
  origin = new URL(testApp.url).origin;
});
beforeEach(async () => {
  await resetTestApp(testApp);
  await testApp.createPublication();
});
afterAll(() => testApp.close());

const lantern = '/operator/publications/lantern';

async function optionsFrom(browser: Browser, path: string) {
  const answer = await browser.send(`${path}/options`);
  return (await answer.json()) as {
    challenge: string;
    rpId: string;
    rp: { id: string };
    user: { id: string };
  };
}

/** An account with a passkey, made by an authenticator that is ours. */
async function addPasskey(email: string, counter = 0) {
  const operator = await addAccount(testApp, email);
  const browser = await signedIn(testApp, email);
  const authenticator = createAuthenticator();
  const options = await optionsFrom(browser, '/operator/account/passkeys');
  const credential = authenticator.register(options, { origin, counter });
  const added = await browser.send('/operator/account/passkeys', { credential });
  expect(added.headers.get('location')).toBe('/operator/account?done=passkey-added');
  return { operator, browser, authenticator, userHandle: options.user.id };
}

const signIn = (browser: Browser, credential: string) =>
  browser.send('/operator/sign-in/passkey', { credential });

describe('a passkey', () => {
  test('signs in by itself, without an address, a password or a code', async () => {
    const { operator, authenticator, userHandle } = await addPasskey('ada@example.com');
    await switchCodesOn(testApp, operator.id);
    const browser = openBrowser(testApp);
    const options = await optionsFrom(browser, '/operator/sign-in/passkey');
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    expect(options).not.toHaveProperty('allowCredentials');
    const entered = await signIn(browser, authenticator.sign(options, { origin }, userHandle));
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/operator']);
    expect((await browser.get(lantern)).status).toBe(200);
    await testApp.runDueJobs();
    expect((await readMails(testApp)).map(({ subject }) => subject)).toEqual([
      expect.stringContaining('A passkey was added'),
      expect.stringContaining('Codes are on'),
    ]);
  });

  test('signs in only here, for our own question, once, within five minutes, by a finger or a PIN, as its owner', async () => {
    const { authenticator, userHandle } = await addPasskey('ada@example.com');
    const other = await addPasskey('bo@example.com');
    const browser = openBrowser(testApp);
    const options = () => optionsFrom(browser, '/operator/sign-in/passkey');
    const confirming = await optionsFrom(other.browser, '/operator/confirm');
    const registering = await optionsFrom(other.browser, '/operator/account/passkeys');
    const good = await options();
    const refused: Record<string, string> = {
      'another origin': authenticator.sign(await options(), { origin: 'https://evil.example' }),
      'another port': authenticator.sign(await options(), { origin: 'http://localhost:1' }),
      'another site': authenticator.sign(await options(), { origin, rpId: 'evil.example' }),
      'a challenge that was made up': authenticator.sign(good, { origin, challenge: 'A'.repeat(48) }),
      'a challenge that was changed': authenticator.sign(good, {
        origin,
        challenge: `B${good.challenge.slice(1)}`,
      }),
      'a challenge for showing that it is she': authenticator.sign(good, {
        origin,
        challenge: confirming.challenge,
      }),
      'a challenge for a new passkey': authenticator.sign(good, { origin, challenge: registering.challenge }),
      'no finger': authenticator.sign(await options(), { origin, verified: false }),
      'another account': authenticator.sign(await options(), { origin }, other.userHandle),
      'another key': createAuthenticator().sign(await options(), { origin }),
      'no JSON': '{',
      nothing: '',
    };
    for (const [why, credential] of Object.entries(refused)) {
      const answer = await signIn(browser, credential);
      expect([why, answer.status]).toEqual([why, 422]);
    }
    const late = authenticator.sign(await options(), { origin }, userHandle);
    testApp.advanceClock(5 * MINUTE_MS);
    expect((await signIn(browser, late)).status).toBe(422);
    const once = authenticator.sign(await options(), { origin }, userHandle);
    const both = await Promise.all([signIn(openBrowser(testApp), once), signIn(openBrowser(testApp), once)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 422]);
  });

  test('whose counter goes back may have been copied: it is refused, and its owner is told so', async () => {
    const { authenticator } = await addPasskey('ada@example.com', 5);
    const browser = openBrowser(testApp);
    const sign = async (counter: number) => {
      const options = await optionsFrom(browser, '/operator/sign-in/passkey');
      return signIn(browser, authenticator.sign(options, { origin, counter }));
    };
    for (const counter of [5, 4, 0]) {
      const refused = await sign(counter);
      expect([counter, refused.status]).toEqual([counter, 422]);
      expect(await refused.text()).toContain('somebody may have copied it');
    }
    expect((await sign(6)).status).toBe(303);
    expect((await sign(6)).status).toBe(422);
    expect(await testApp.context.db.many(sql`select counter from operator_passkeys`)).toEqual([
      { counter: 6 },
    ]);
  });

  test('is added only by who is signed in, for her own account, and one that is known only once', async () => {
    const { browser, authenticator } = await addPasskey('ada@example.com');
    const bo = await addPasskey('bo@example.com');
    const options = await optionsFrom(browser, '/operator/account/passkeys');
    const add = (who: Browser, credential: string) => who.send('/operator/account/passkeys', { credential });
    const fresh = createAuthenticator();
    for (const credential of [
      fresh.register(options, { origin: 'https://evil.example' }),
      fresh.register(options, { origin, rpId: 'evil.example' }),
      fresh.register(options, { origin, verified: false }),
      fresh.register({ ...options, challenge: 'A'.repeat(48) }, { origin }),
      authenticator.register(options, { origin }),
      '',
    ])
      expect((await add(browser, credential)).status).toBe(422);
    // An answer to Ada's question gives Bo nothing.
    expect((await add(bo.browser, fresh.register(options, { origin }))).status).toBe(422);
    expect(await testApp.context.db.many(sql`select id from operator_passkeys`)).toHaveLength(2);
  });

  test('shows that it is she after ten minutes, in her own session alone', async () => {
    const { browser, authenticator, userHandle } = await addPasskey('ada@example.com');
    const second = await signedIn(testApp, 'ada@example.com');
    testApp.advanceClock(10 * MINUTE_MS);
    const asked = await browser.send('/operator/account/totp');
    const page = await asked.text();
    expect([asked.status, page]).toEqual([403, expect.stringContaining('Go on with a passkey')]);
    expect(page).toContain('data-options="/operator/confirm/options" action="/operator/account/totp"');
    const confirm = async (from: Browser) => {
      const options = await optionsFrom(from, '/operator/confirm');
      return { 'confirm-credential': authenticator.sign(options, { origin }, userHandle) };
    };
    expect((await browser.send('/operator/account/totp', await confirm(second))).status).toBe(422);
    expect((await browser.send('/operator/account/totp', await confirm(browser))).status).toBe(303);
  });

  test('is removed by its owner alone, and not where nothing else is left to sign in with', async () => {
    const { browser } = await addPasskey('ada@example.com');
    const bo = await addPasskey('bo@example.com');
    const { db } = testApp.context;
    const rows = await db.many<{ id: string }>(sql`select id from operator_passkeys order by id`);
    const remove = (who: Browser, id = rows[0]?.id) => who.send(`/operator/account/passkeys/${id}/remove`);
    expect((await remove(bo.browser)).status).toBe(404);
    await db.run(sql`delete from operator_passwords`);
    const last = await remove(browser);
    expect([last.status, await last.text()]).toEqual([
      409,
      expect.stringContaining('all that you sign in with'),
    ]);
    await browser.send('/operator/account/password', { password: PASSWORD });
    expect((await remove(browser)).headers.get('location')).toContain('done=passkey-removed');
    expect(await db.many(sql`select id from operator_passkeys`)).toEqual([{ id: rows[1]?.id }]);
  });

  test('is not offered where browsers have none, and questions for it are not found there', async () => {
    const plain = await openTestApp();
    const browser = openBrowser(plain);
    const page = await (await browser.get('/operator/sign-in')).text();
    expect(page).not.toContain('passkey');
    expect((await browser.send('/operator/sign-in/passkey/options')).status).toBe(404);
    await plain.close();
  });

  test('of an invitation or a link to an account is made for that account, and takes its code along', async () => {
    const grant = { role: 'editor' as const, publicationIds: [] };
    const made = await createInvitedOperator(testApp.context, {
      email: 'eda@example.com',
      name: null,
      grant,
    });
    const path = new URL(made?.url ?? '').pathname;
    const browser = openBrowser(testApp);
    const options = await optionsFrom(browser, `${path}/passkey`);
    const authenticator = createAuthenticator();
    const bad = authenticator.register(options, { origin: 'https://evil.example' });
    const refused = await browser.send(`${path}/passkey`, { name: 'Eda', credential: bad });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('value="Eda"')]);
    const good = authenticator.register(options, { origin });
    expect((await browser.send(`${path}/passkey`, { name: 'Eda', credential: good })).status).toBe(303);
    expect((await browser.send(`${path}/passkey`, { name: 'Eda', credential: good })).status).toBe(410);
    const rows = await testApp.context.db.many(sql`
      select name, operator_id = ${made?.operator.id} as hers from operator_passkeys
    `);
    expect(rows).toEqual([{ name: 'A browser', hers: true }]);
  });
});

describeInChromium('in Chromium with a virtual authenticator', () => {
  let chromium: Chromium;

  beforeAll(async () => {
    chromium = await openChromium();
  });
  afterAll(() => chromium.close());

  test('an invitation is accepted with a passkey, which signs in again, and shows later that it is she', async () => {
    const { context } = testApp;
    const { id } = await context.db.one<{ id: string }>(sql`select id from publications`);
    const grant = { role: 'editor' as const, publicationIds: [id] };
    const made = await createInvitedOperator(context, { email: 'eda@example.com', name: null, grant });
    const { page, problems, close } = await openBrowserWindow(chromium, { width: 1280 });
    await addVirtualAuthenticator(page);
    await page.goto(made?.url ?? '');
    await page.getByLabel('Your name').fill('Eda Njoroge');
    await page.getByRole('button', { name: 'Accept with a passkey' }).click();
    await page.waitForURL(`**${lantern}`);
    await page.getByText('Signed in as eda@example.com').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();

    await page.goto(`${testApp.url}/operator`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.waitForURL(`**${lantern}`);

    await page.getByRole('link', { name: 'Account' }).click();
    testApp.advanceClock(10 * MINUTE_MS);
    await page.getByLabel('New password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('button', { name: 'Go on with a passkey' }).click();
    await page.getByText('Your password is set').waitFor();
    const rows = await context.db.many(
      sql`select name, last_used_at is not null as used from operator_passkeys`,
    );
    expect(rows).toEqual([{ name: 'Chrome on Linux', used: true }]);
    expect(problems()).toEqual([]);
    await close();
  });

  test('without a passkey the page says what happened, and without script it offers none and says why', async () => {
    const { page, close } = await openBrowserWindow(chromium, { width: 320 });
    const devtools = await addVirtualAuthenticator(page);
    await page.goto(`${testApp.url}/operator/sign-in`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('No passkey was used').waitFor({ timeout: 90_000 });
    await devtools.detach();
    await close();
    const plain = await openBrowserWindow(chromium, { width: 320, script: false });
    await plain.page.goto(`${testApp.url}/operator/sign-in`);
    expect(await plain.page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(false);
    await plain.page.getByText('Passkeys need JavaScript, and a browser that knows them.').waitFor();
    await plain.close();
  });
});
