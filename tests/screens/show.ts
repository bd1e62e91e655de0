import type { Browser, Page } from 'playwright-core';
import { newVisitor, type Theme, type Visitor } from '../support/browser.js';
import type { Screen } from './manifest.js';
import type { Stage } from './stage.js';
import { entryPath } from './story.js';

export const themes: readonly Theme[] = ['light', 'dark'];

/** A window that shows one screen. The caller closes it. */
export async function show(
  browser: Browser,
  stage: Stage,
  screen: Screen,
  look: { width: number; height?: number; scale?: number },
): Promise<Visitor> {
  const visitor = await newVisitor(browser, look);
  if (screen.needs === 'operator') await enter(visitor.page, stage);
  await screen.reach(visitor.page, stage);
  return visitor;
}

/** The same page at another width or in another theme: style sheets follow without a new visit. */
export async function turn(page: Page, look: { width: number; theme: Theme }): Promise<void> {
  await page.setViewportSize({ width: look.width, height: 800 });
  await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
}

async function enter(page: Page, { house }: Stage): Promise<void> {
  await page.goto(house.url + (await entryPath(house)));
  await page.getByRole('button').click();
  await page.waitForURL('**/operator');
}
