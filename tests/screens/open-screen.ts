import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, type BrowserWindow, type WindowLook } from '../support/browser.js';
import type { Screen } from './screen.js';
import type { Fixture } from './fixture.js';
import { entryPath } from './states/week.js';

/** A window that shows one screen. The caller closes it. */
export async function openScreen(
  browser: Browser,
  fixture: Fixture,
  screen: Screen,
  look: WindowLook,
): Promise<BrowserWindow> {
  const visitor = await openBrowserWindow(browser, look);
  if (screen.needs === 'operator') await signIn(visitor.page, fixture);
  await screen.reach(visitor.page, fixture);
  return visitor;
}

async function signIn(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(testApp.url + (await entryPath(testApp)));
  await page.getByRole('button').click();
  await page.waitForURL('**/operator/publications/*');
}
