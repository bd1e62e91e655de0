import type { Page } from 'playwright-core';

/** On a page of the desk in a window as wide as a phone. */
export function openMenu(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Menu' }).click();
}
