import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

/** Tabs to a button or link, presses Enter and waits for the page that it leads to. */
export async function pressEnterOn(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
}

/** One of the page's status messages has these words. */
export async function expectStatusMessage(page: Page, words: string): Promise<void> {
  expect((await page.getByRole('status').allTextContents()).join(' ')).toContain(words);
}

/** Presses Tab until the label or text of the focused element begins with these words. */
export async function tabTo(page: Page, words: string): Promise<void> {
  const wanted = new RegExp(`^(${words})`);
  const seen: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab');
    const name = await focusedName(page);
    if (wanted.test(name)) return;
    seen.push(name);
  }
  throw new Error(`Tab never came to ${words}, but to ${seen.join(', ')}`);
}

function focusedName(page: Page): Promise<string> {
  return page.evaluate<string>(
    `(document.activeElement?.labels?.[0] ?? document.activeElement)?.textContent.trim() ?? ''`,
  );
}
