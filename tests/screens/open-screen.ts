import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, type Theme, type BrowserWindow } from '../support/browser.js';
import type { Screen } from './manifest.js';
import type { Fixture } from './fixture.js';
import { entryPath } from './states/week.js';

export const themes: readonly Theme[] = ['light', 'dark'];

/** A window that shows one screen. The caller closes it. */
export async function openScreen(
  browser: Browser,
  stage: Fixture,
  screen: Screen,
  look: { width: number; height?: number; scale?: number },
): Promise<BrowserWindow> {
  const visitor = await openBrowserWindow(browser, look);
  if (screen.needs === 'operator') await signIn(visitor.page, stage);
  await screen.reach(visitor.page, stage);
  return visitor;
}

/** The same page at another width or in another theme: style sheets follow without a new visit. */
export async function setViewport(page: Page, look: { width: number; theme: Theme }): Promise<void> {
  await page.setViewportSize({ width: look.width, height: 800 });
  await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
}

async function signIn(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(testApp.url + (await entryPath(testApp)));
  await page.getByRole('button').click();
  await page.waitForURL('**/operator');
}
