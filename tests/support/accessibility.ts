import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { Theme } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

const RULES = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] };
/** Those among them that look at colours. */
const COLOUR_RULES = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/**
 * What axe finds on a page as it is shown now: rule and places. A dark theme changes colours alone, so in it axe is asked about
 * those alone: look at the same page in light as well.
 */
export async function findAccessibilityFaults(page: Page, theme: Theme): Promise<string[]> {
  const options = { iframes: false, runOnly: theme === 'dark' ? COLOUR_RULES : RULES };
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ target }) => target).join(', ')))`);
}
