import type { Page } from 'playwright-core';
import { lastMail, linkIn } from '../support/reader-actions.js';
import { OWNER, PASSWORD, press, type Place } from './editor-steps.js';
import { openMenu } from '../support/open-menu.js';

const VIEWER = 'vera@tides.example';
const NEW_PASSWORD = 'harbour lantern at noon';

/** What she does where a page asks again whether it is she. */
type ShowSelf = (page: Page) => Promise<void>;

export async function answerReader(page: Page): Promise<void> {
  await findReader(page, 'der-40@', 'reader-40@example.com');
  await press(page, 'Answer');
  await page.getByText('Yes: her mail server accepted it').waitFor();
  await press(page, 'Pause');
  await page.getByText('Paused', { exact: true }).first().waitFor();
}

async function findReader(page: Page, part: string, address: string): Promise<void> {
  await page.getByRole('link', { name: 'Readers', exact: true }).click();
  await page.getByLabel('Part of an address').fill(part);
  await press(page, 'Search');
  await page.getByRole('heading', { name: '1 reader', exact: true }).waitFor();
  await page.getByRole('link', { name: address }).click();
  await page.getByRole('heading', { name: address }).waitFor();
}

/** @returns the link that the invited person is mailed */
export async function inviteViewer({ testApp }: Place, page: Page, showSelf: ShowSelf): Promise<string> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('Email address').fill(VIEWER);
  await page.getByLabel('Viewer').check();
  await press(page, 'Invite');
  await showSelf(page);
  await page.getByRole('heading', { name: 'Invited' }).waitFor();
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, VIEWER), 'invitation');
}

export async function lookAsViewer(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Vera Otieno');
  await page.getByLabel('Password').fill(PASSWORD);
  await press(page, 'Accept with this password');
  await openMenu(page);
  await page.getByRole('link', { name: 'Readers', exact: true }).click();
  await page.getByText('You see addresses masked').waitFor();
  await openMenu(page);
  await page.getByRole('link', { name: 'Digests' }).click();
  await page.getByRole('link', { name: 'The ferry is late' }).waitFor();
  if (await page.getByText('Send new articles now').isVisible()) throw new Error('A viewer may send');
}

/** @returns the link in the mail that says so */
export async function changePassword({ testApp }: Place, page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Account' }).click();
  const name = await page.getByLabel('Name', { exact: true }).inputValue();
  if (name !== 'Ada Mwangi') throw new Error(`She is called ${name}`);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: /^(Set|Change) the password$/ }).click();
  await page.getByText('Your password is set.').waitFor();
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, OWNER), 'operator');
}

/** In another browser, which is signed out from the first. */
export async function endSessions(
  page: Page,
  { elsewhere, link }: { elsewhere: Page; link: string },
): Promise<void> {
  await elsewhere.goto(link);
  await elsewhere.getByRole('link', { name: 'Sign in' }).click();
  await elsewhere.getByLabel('Email address').fill(OWNER);
  await elsewhere.getByLabel('Password').fill(NEW_PASSWORD);
  await press(elsewhere, 'Sign in');
  await openMenu(elsewhere);
  await elsewhere.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('link', { name: 'Account' }).click();
  await press(page, 'Sign out everywhere else');
  await page.getByText('All other browsers are signed out.').waitFor();
  await openMenu(elsewhere);
  await elsewhere.getByRole('link', { name: 'Readers', exact: true }).click();
  await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor();
}
