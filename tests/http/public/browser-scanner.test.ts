import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, openBrowser, type BrowserWindow } from '../../support/browser.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { sendEveryMail } from './every-mail.js';
import { readMails } from '../../support/reader-actions.js';
import { describeInChromium } from '../../support/chromium-tests.js';

/** It looks at so many pages at once, because each is waited for until its network has been idle for half a second. */
const WINDOWS = 6;

// Mail scanners open what they find in a browser, let its scripts run, and follow the links of those pages.
describeInChromium('a scanner with a browser of its own', () => {
  let testApp: TestApp;
  let browser: Browser;
  const opened = new Set<string>();

  beforeAll(async () => {
    testApp = await openTestApp();
    await sendEveryMail(testApp);
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await testApp.close();
  });

  test('renders every link of every mail, scripts and all, and what those pages link to: no row changes', async () => {
    const links = new Set((await readMails(testApp)).flatMap((mail) => mail.links.map(withoutPart)));
    const before = await dumpTables(testApp.context.db, []);
    const windows: BrowserWindow[] = [];
    while (windows.length < WINDOWS) windows.push(await openBrowserWindow(browser, { width: 1280 }));
    const seen = new Set<string>();
    opened.clear();
    const further = await lookAtAll(windows, links, seen);
    await lookAtAll(windows, further, seen);
    expect(links.size).toBeGreaterThan(25);
    expect(seen.size).toBeGreaterThan(links.size);
    expect(opened.size).toBeGreaterThan(20);
    expect(windows.flatMap(({ problems }) => problems())).toEqual([]);
    for (const { close } of windows) await close();
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
    expect(await testApp.runDueJobs()).toEqual([]);
  }, 180_000);

  /** Each window takes the next link when it has looked at one. Answers what the pages link to. */
  async function lookAtAll(
    windows: readonly BrowserWindow[],
    links: ReadonlySet<string>,
    seen: Set<string>,
  ): Promise<Set<string>> {
    const found = new Set<string>();
    const left = links.values();
    const lookOn = async ({ page }: BrowserWindow) => {
      for (const link of left) for (const next of await look(page, link, seen)) found.add(next);
    };
    await Promise.all(windows.map(lookOn));
    return found;
  }

  /** Opens a page as a thorough scanner does: waits for its scripts, moves over everything. Answers what it links to. */
  async function look(page: Page, link: string, seen: Set<string>): Promise<string[]> {
    if (seen.has(link) || new URL(link).origin !== testApp.url) return [];
    seen.add(link);
    const response = await page.goto(link, { waitUntil: 'networkidle' }).catch(() => null);
    // A download has no page.
    if (response === null) return [];
    // Changing her address has revoked her older links, and used links say so.
    expect([200, 404, 410]).toContain(response.status());
    if (response.status() === 200) opened.add(link);
    const found = await page.evaluate(scan);
    await page.waitForTimeout(50);
    // A page that submits its own form would be at another address by now; the front page leads to the only newsletter.
    expect([link, `${testApp.url}/lantern`]).toContain(withoutPart(page.url()));
    return (found as string[]).map(withoutPart);
  }
});

/** Finds everything that looks like an address, and sends every event but a press. */
const scan = `(() => {
  for (const element of document.querySelectorAll('a, button, input, select, summary')) {
    for (const name of ['pointerover', 'mouseover', 'mouseenter', 'focus', 'focusin', 'touchstart', 'visibilitychange'])
      element.dispatchEvent(new Event(name, { bubbles: true }));
  }
  window.scrollTo(0, document.body.scrollHeight);
  return [...document.querySelectorAll('a[href]')].map(({ href }) => href);
})()`;

function withoutPart(url: string): string {
  return url.replace(/#.*/, '');
}
