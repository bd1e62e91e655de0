import { expect, test } from '@jest/globals';
import { checkHtml, hasHtmlChecker } from './html-checker.js';
import { goldenPages } from './golden-messages.js';

const testWithChecker = hasHtmlChecker ? test : test.skip;

/**
 * Outlook for Windows lays mail out with Word's engine, which knows these and not their equals in CSS: without them its tables
 * have gaps and borders, and pictures no distance. Nothing else is let pass.
 */
const FOR_OUTLOOK =
  /^The “(?:border|cellpadding|cellspacing|bgcolor|align|hspace|vspace)” attribute on the “(?:table|td|img)” element is obsolete\./;

testWithChecker(
  'the Nu HTML checker finds no error in the HTML part of any mail, and finds one that is planted (skipped without Java)',
  () => {
    const pages = goldenPages();
    const [first = ''] = pages.values();
    const faults = checkHtml(new Map([...pages, ['planted', first.replace('<h1', '</b><h1')]]));
    const others = faults.filter(({ says }) => !FOR_OUTLOOK.test(says));
    expect(others.filter(({ page }) => page !== 'planted')).toEqual([]);
    expect(others.filter(({ page }) => page === 'planted')).not.toEqual([]);
  },
  120_000,
);
