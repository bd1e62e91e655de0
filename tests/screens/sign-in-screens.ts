import type { Page } from 'playwright-core';
import { createEntryLink } from '../../src/operators/entry-link.js';
import type { Fixture } from './fixture.js';
import { openMenu } from '../support/open-menu.js';
import type { Screen } from './screen.js';
import { BO, INES, PASSWORD, type AccountPaths } from './states/accounts.js';

/** Signing in, invitations, and links for who cannot sign in; under a host name, so that passkeys are offered. */
export const signInScreens: readonly Screen[] = [
  named('sign-in', '/operator/sign-in', (page, { namedUrl }) => page.goto(`${namedUrl}/operator`)),
  named('sign-in-without-passkeys', '/operator/sign-in', (page, { testApp }) =>
    page.goto(`${testApp.url}/operator/sign-in`),
  ),
  named('sign-in-wrong', '/operator/sign-in', (page, fixture) =>
    signIn(page, fixture, INES, 'something else altogether'),
  ),
  named('sign-in-code', undefined, (page, fixture) => signIn(page, fixture, BO)),
  named('sign-in-code-wrong', undefined, async (page, fixture) => {
    await signIn(page, fixture, BO);
    await page.getByLabel('Code').fill('000 000');
    await page.getByRole('button', { name: 'Sign in' }).click();
  }),
  named('sign-in-kept', undefined, sendWithoutSession),
  named('kept-form', undefined, async (page, fixture) => {
    await sendWithoutSession(page, fixture);
    await fillSignIn(page, INES);
  }),
  at('invitation', '/operator/invitation/:token', 'invitation'),
  named('invitation-weak-password', undefined, async (page, { namedUrl, accounts }) => {
    await page.goto(namedUrl + accounts.invitation);
    await page.getByLabel('Password').fill('password1234');
    await page.getByRole('button', { name: 'Accept with this password' }).click();
  }),
  at('invitation-over', '/operator/invitation/:token', 'invitationOver'),
  at('invitation-known', '/operator/invitation/:token', 'invitationKnown'),
  named('invitation-own', '/operator/invitation/:token', async (page, fixture) => {
    await signIn(page, fixture, INES);
    await page.goto(fixture.namedUrl + fixture.accounts.invitationKnown);
  }),
  named('recovery', '/operator/recovery', (page, { namedUrl }) => page.goto(`${namedUrl}/operator/recovery`)),
  named('recovery-mistake', undefined, async (page, { namedUrl }) => {
    await page.goto(`${namedUrl}/operator/recovery`);
    await page.getByLabel('Email address').fill('ines.okafor');
    await page.getByRole('button', { name: 'Send me a link' }).click();
  }),
  named('recovery-asked', '/operator/recovery', (page, { namedUrl }) =>
    page.goto(`${namedUrl}/operator/recovery?done=asked`),
  ),
  at('recovery-link', '/operator/recovery/:token', 'recovery'),
  at('recovery-link-code', '/operator/recovery/:token', 'recoveryWithCode'),
  named('account', '/operator/account', async (page, fixture) => {
    await signInWithCode(page, fixture);
    await page.goto(`${fixture.namedUrl}/operator/account?done=password`);
  }),
  named('account-new', undefined, async (page, fixture) => {
    await signIn(page, fixture, INES);
    await page.goto(`${fixture.testApp.url}/operator/account`);
    await page.goto(`${fixture.namedUrl}/operator/account`);
    await page.getByLabel('New password').fill('password1234');
    await page.getByRole('button', { name: 'Change the password' }).click();
  }),
  named('account-of-nobody', undefined, async (page, { testApp }) => {
    await page.goto(await createEntryLink(testApp.context, null));
    await page.getByRole('button').click();
    await openMenu(page);
    await page.getByRole('link', { name: 'Account' }).click();
  }),
  named('account-totp', '/operator/account/totp', async (page, fixture) => {
    await signIn(page, fixture, INES);
    await page.goto(`${fixture.namedUrl}/operator/account`);
    await page.getByRole('button', { name: 'Set up codes' }).click();
  }),
  named('account-recovery-codes', undefined, async (page, fixture) => {
    await signInWithCode(page, fixture);
    await page.goto(`${fixture.namedUrl}/operator/account`);
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
  }),
  named('confirm', '/operator/confirm', async (page, fixture) => {
    await signInWithCode(page, fixture);
    await page.goto(`${fixture.namedUrl}/operator/confirm?next=/operator/account`);
  }),
  named('confirm-link', undefined, async (page, { testApp }) => {
    await page.goto(await createEntryLink(testApp.context, null));
    await page.getByRole('button').click();
    await page.goto(`${testApp.url}/operator/confirm?next=/operator/account`);
  }),
  named('recovery-over', '/operator/recovery/:token', (page, { namedUrl }) =>
    page.goto(`${namedUrl}/operator/recovery/cut-in-two`),
  ),
];

function named(name: string, route: string | undefined, reach: Screen['reach']): Screen {
  return { name: `operator-${name}`, ...(route === undefined ? {} : { route }), needs: 'reader', reach };
}

function at(name: string, route: string, path: Exclude<keyof AccountPaths, 'nextCode'>): Screen {
  return named(name, route, (page, { namedUrl, accounts }) => page.goto(namedUrl + accounts[path]));
}

/** Signs in on the page under a host name. */
async function signIn(page: Page, { namedUrl }: Fixture, email: string, password = PASSWORD): Promise<void> {
  await page.goto(`${namedUrl}/operator/sign-in`);
  await fillSignIn(page, email, password);
}

/** Bo's account has a code of a recovery each time, so that no picture waits for the next half minute. */
async function signInWithCode(page: Page, fixture: Fixture): Promise<void> {
  await signIn(page, fixture, BO);
  await page.getByLabel('Code').fill(await fixture.accounts.nextCode());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/operator/publications/*');
}

async function fillSignIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Sends a form from a page that was open when the session ended. */
async function sendWithoutSession(page: Page, fixture: Fixture): Promise<void> {
  await signIn(page, fixture, INES);
  await page.goto(`${fixture.namedUrl}/operator/publications/harbour-lantern/look/welcome`);
  await page.getByLabel('Text').fill('Welcome aboard.\n\nWrite to us with *what you miss*.');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Save' }).click();
}
