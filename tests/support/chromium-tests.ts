import { describe } from '@jest/globals';
import { findChromium } from './browser.js';

/** Tests that need Chromium; on a machine without it they are skipped and say so. */
export function describeInChromium(name: string, tests: () => void): void {
  if (findChromium() === undefined) describe.skip(`${name} (skipped: this machine has no Chromium)`, tests);
  else describe(name, tests);
}
