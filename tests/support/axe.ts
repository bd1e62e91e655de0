import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { setViewport, themes, type Theme } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Of rules that found nothing the elements are not listed, which takes a third of the time. */
const OPTIONS = { iframes: false, resultTypes: ['violations'] };
/** The rules of WCAG 2.2, levels A and AA. */
const RULES = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] };
/** Those among them that look at colours, which are all that a dark theme changes. */
const COLOUR_RULES = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Each violation as its rule and the elements; in the dark theme those of colours alone. Frames are left out. */
export async function findAxeViolations(page: Page, theme: Theme = 'light'): Promise<unknown> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(`${AXE}\n;0`);
  return page.evaluate(
    `axe.run(document, ${JSON.stringify({ ...OPTIONS, runOnly: theme === 'dark' ? COLOUR_RULES : RULES })})
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ target }) => target).join(', ')))`,
  );
}

/** How far a page can be scrolled sideways, in CSS pixels. */
export function measureSidewaysScroll(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** At each width and in both themes, axe finds nothing and nothing is wider than the window. */
export async function expectAccessible(page: Page, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    for (const theme of themes) {
      await setViewport(page, { width, theme });
      const found = await findAxeViolations(page, theme);
      const sideways = await measureSidewaysScroll(page);
      expect({ theme, width, found, sideways }).toEqual({ theme, width, found: [], sideways: 0 });
    }
  }
}
