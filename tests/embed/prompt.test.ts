import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, openBrowser, type BrowserWindow } from '../support/browser.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { findCoveredControls } from '../support/covered-controls.js';
import { openPublisherSite, pageOf, type Site } from './publisher-site.js';
import { describeInChromium } from '../support/chromium-tests.js';

const DAY_MS = 86_400_000;
const THE_END = 'scrollTo(0, document.body.scrollHeight)';

describeInChromium('the prompt', () => {
  let testApp: TestApp;
  let site: Site;
  let browser: Browser;
  const visitors: BrowserWindow[] = [];

  beforeAll(async () => {
    testApp = await openTestApp();
    await testApp.createPublication();
    site = await openPublisherSite();
    browser = await openBrowser();
  }, 60_000);

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) await visitor.close();
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
    await testApp.close();
  });

  /** A new reader; the clock of her browser stands. */
  async function arrive({ width = 1280 } = {}): Promise<Page> {
    const visitor = await openBrowserWindow(browser, { width });
    visitors.push(visitor);
    visitor.page.setDefaultTimeout(5_000);
    await visitor.page.clock.install({ time: new Date('2026-11-22T09:00:00Z') });
    return visitor.page;
  }

  async function open(
    page: Page,
    path: string,
    { manner = 'slide-in', more = '', body = '', query = '' } = {},
  ): Promise<void> {
    const tag = `<script async src="${testApp.url}/embed/lantern.js" data-prompt="${manner}" ${more}></script>`;
    site.put(path, pageOf(body + tag));
    await page.goto(site.url + path + query);
  }

  /** Opens an article and stays at its end for as long as it takes. */
  async function read(page: Page, path: string, how: Parameters<typeof open>[2] = {}): Promise<void> {
    await open(page, path, how);
    await page.evaluate(THE_END);
    await page.clock.runFor(35_000);
  }

  const box = (page: Page) => page.getByRole('region', { name: 'Subscribe', exact: true });
  const kept = (page: Page, key: string) => page.evaluate(`localStorage.getItem('${key}')`);

  /** Reads one article: the prompt comes at the end of the next. */
  async function readOne(): Promise<Page> {
    const page = await arrive();
    await read(page, '/one');
    expect(await box(page).count()).toBe(0);
    return page;
  }

  test('comes at the end of the second article, beside the text, and takes neither focus nor scroll', async () => {
    const page = await readOne();
    await read(page, '/two');
    await box(page).waitFor();
    await page.getByText('You can keep reading either way.').waitFor();
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
    const [keep, never] = await Promise.all(
      ['Keep reading', "Don't ask again"].map((name) => page.getByRole('button', { name }).boundingBox()),
    );
    expect([keep?.width, keep?.height]).toEqual([never?.width, never?.height]);
    expect(keep?.height).toBeGreaterThanOrEqual(44);
    await page.getByRole('button', { name: 'Keep reading' }).click();
    expect(await box(page).count()).toBe(0);
    expect(await page.evaluate('Object.keys(localStorage).sort().join()')).toBe('nl-asked,nl-read');
  });

  test('does not come before the time, before the end, or while another tab is looked at', async () => {
    const page = await readOne();
    await open(page, '/two');
    await page.clock.runFor(60_000);
    expect(await box(page).count()).toBe(0);

    await open(page, '/three');
    await page.evaluate(THE_END);
    await page.clock.runFor(28_000);
    expect(await box(page).count()).toBe(0);
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })");
    await page.clock.runFor(600_000);
    expect(await box(page).count()).toBe(0);
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: false })");
    await page.clock.runFor(5_000);
    await box(page).waitFor();
  });

  test('counts an article once, however often it is loaded', async () => {
    const page = await readOne();
    await read(page, '/one');
    await read(page, '/one');
    expect(await box(page).count()).toBe(0);
    expect(await kept(page, 'nl-read')).toBe('1 /one');
  });

  test('waits while she types, selects or listens, or while another dialog is open', async () => {
    const page = await readOne();
    const body =
      '<label>Search <input id="search"></label><p id="quote">Mark me</p><dialog id="other">Cookies</dialog>';
    await open(page, '/two', { body });
    await page.evaluate(THE_END);
    const busy = {
      "document.getElementById('search').focus()": "document.getElementById('search').blur()",
      "getSelection().selectAllChildren(document.getElementById('quote'))":
        'getSelection().removeAllRanges()',
      "document.getElementById('other').show()":
        "document.getElementById('other').close(); document.activeElement.blur()",
      "document.body.append(Object.defineProperty(document.createElement('audio'), 'paused', { value: false }))":
        "document.querySelector('audio').remove()",
    };
    for (const [begin, end] of Object.entries(busy)) {
      await page.evaluate(begin);
      await page.clock.runFor(60_000);
      expect({ begin, shown: await box(page).count() }).toEqual({ begin, shown: 0 });
      // The next one begins before a second has passed.
      await page.evaluate(end);
    }
    await page.clock.runFor(2_000);
    await box(page).waitFor();
  });

  test('waits while a form of ours is in view', async () => {
    const page = await readOne();
    const form = '<paperround-lantern></paperround-lantern>';
    await open(page, '/two', { body: `${form}<div style="height:3000px"></div>` });
    await page.evaluate("document.querySelector('paperround-lantern').scrollIntoView()");
    await page.clock.runFor(40_000);
    expect(await box(page).count()).toBe(0);
    await page.evaluate(THE_END);
    await page.clock.runFor(2_000);
    expect(await box(page).count()).toBe(1);
  });

  test('counts an article that is opened without loading a page, and begins anew with it', async () => {
    const page = await readOne();
    await page.evaluate(`history.pushState(null, '', '/two');
      document.body.innerHTML = '<article style="height:2500px">Two</article>'; scrollTo(0, 0)`);
    await page.clock.runFor(29_000);
    await page.evaluate(THE_END);
    expect(await kept(page, 'nl-read')).toBe('2 /two');
    expect(await box(page).count()).toBe(0);
    await page.clock.runFor(3_000);
    expect(await box(page).count()).toBe(1);
  });

  test('comes once in 30 days, and three times in all', async () => {
    const page = await readOne();
    for (const [round, days] of [31, 31, 31, 400].entries()) {
      await read(page, `/round-${round}`);
      expect({ round, shown: await box(page).count() }).toEqual({ round, shown: round < 3 ? 1 : 0 });
      await read(page, `/round-${round}-again`);
      expect({ round, again: await box(page).count() }).toEqual({ round, again: 0 });
      await page.clock.setSystemTime(
        new Date(Date.parse('2026-11-22T09:00:00Z') + (round + 1) * days * DAY_MS),
      );
    }
  });

  test('never comes again once she has said so', async () => {
    const page = await readOne();
    await read(page, '/two');
    await page.getByRole('button', { name: "Don't ask again" }).press('Enter');
    expect(await box(page).count()).toBe(0);
    expect(await kept(page, 'nl-off')).toBe('no');
    await page.clock.setSystemTime(new Date('2028-11-22T09:00:00Z'));
    await read(page, '/three');
    expect(await box(page).count()).toBe(0);
  });

  test('never comes to a reader of the newsletter: from its mails, or signed up here', async () => {
    const page = await readOne();
    await open(page, '/two', { query: '?page=2&nl&x=a%20b#end' });
    await page.waitForFunction("localStorage.getItem('nl-off') === 'known'");
    expect(page.url()).toBe(`${site.url}/two?page=2&x=a%20b#end`);
    await read(page, '/three');
    expect(await box(page).count()).toBe(0);

    const other = await readOne();
    await read(other, '/two');
    await other.getByLabel('Email address').fill('amina@example.com');
    await other.keyboard.press('Enter');
    await other.getByText('Check your inbox').waitFor();
    await other.clock.setSystemTime(new Date('2028-11-22T09:00:00Z'));
    await read(other, '/three');
    expect(await box(other).count()).toBe(0);
  });

  test('does not come where nothing can be stored, or where she saves data', async () => {
    for (const trait of [
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked') } })",
      "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })",
    ]) {
      const page = await arrive();
      await page.addInitScript(trait);
      await read(page, '/one');
      await read(page, '/two');
      expect({ trait, shown: await box(page).count() }).toEqual({ trait, shown: 0 });
    }
  });

  test('leaves other tabs as well when it is answered in one', async () => {
    const page = await readOne();
    await read(page, '/two');
    await box(page).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(`${site.url}/two`);
    await tab.evaluate("localStorage.setItem('nl-off', 'no')");
    await box(page).waitFor({ state: 'detached' });
  });

  test('moves aside when the focused element would be below it', async () => {
    const page = await arrive({ width: 390 });
    await read(page, '/one');
    await read(page, '/two');
    await box(page).waitFor();
    expect(
      Number.parseInt(String(await page.evaluate('document.documentElement.style.scrollPaddingBottom')), 10),
    ).toBeGreaterThan(200);
    await page.getByRole('link', { name: 'About' }).focus();
    expect(await box(page).count()).toBe(0);
    expect(await page.evaluate('document.documentElement.style.scrollPaddingBottom')).toBe('');
  });

  test('as a dialog keeps the focus, closes with Esc or a press beside it, and gives back focus and scroll', async () => {
    const page = await readOne();
    const dialog = page.getByRole('dialog', { name: 'Subscribe' });
    const closings = [
      () => page.keyboard.press('Escape'),
      () => page.mouse.click(5, 5),
      () => page.getByRole('button', { name: 'Keep reading' }).click(),
    ];
    for (const [round, close] of closings.entries()) {
      await page.clock.setSystemTime(new Date(Date.parse('2027-01-22T09:00:00Z') + round * 40 * DAY_MS));
      await read(page, `/dialog-${round}`, { manner: 'dialog' });
      await dialog.waitFor();
      const y = await page.evaluate('scrollY');
      expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.tagName')).toBe('H2');
      for (let presses = 0; presses < 8; presses++) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate("document.activeElement?.getAttribute('href')")).not.toBe('/about');
      }
      await close();
      await dialog.waitFor({ state: 'detached' });
      expect(await page.evaluate('scrollY')).toBe(y);
      // Chromium moves the focus a moment after the box has gone.
      await page.waitForFunction('document.activeElement === document.body', undefined, { polling: 50 });
    }
  });

  test('does not cover a narrow screen', async () => {
    const page = await arrive({ width: 390 });
    await read(page, '/one', { manner: 'dialog' });
    await read(page, '/two', { manner: 'dialog' });
    await box(page).waitFor();
    const size = await box(page).boundingBox();
    expect(size?.height).toBeLessThan(800 * 0.7);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('follows the numbers on the tag, and stays away where the tag asks for none', async () => {
    const page = await arrive();
    const more =
      'data-after-seconds="2" data-after-scroll="10" data-from-article="1" data-every-days="0" data-at-most="9"';
    await open(page, '/one', { more });
    await page.clock.runFor(3_000);
    await box(page).waitFor();
    await open(page, '/two', { more, manner: 'off' });
    await page.evaluate(THE_END);
    await page.clock.runFor(60_000);
    expect(await box(page).count()).toBe(0);
  });

  test.each(['after-seconds="30s"', 'after-scroll="90%"', 'every-days="soon"', 'at-most=""'])(
    'takes %s as it is meant, or as usual',
    async (rule) => {
      const page = await readOne();
      await open(page, '/two', { more: `data-${rule}` });
      await page.evaluate(THE_END);
      await page.clock.runFor(20_000);
      expect(await box(page).count()).toBe(0);
      await page.clock.runFor(15_000);
      expect(await box(page).count()).toBe(1);
    },
  );

  test('the button goes while a form of ours or the prompt is in view, so that it covers neither, and comes back', async () => {
    const page = await arrive({ width: 390 });
    const more = 'data-button="Newsletter"';
    const form = '<form action="https://news.example/lantern/subscriptions"><button>Plain</button></form>';
    const button = page.getByRole('button', { name: 'Newsletter' });
    const isSeen = async (seen: boolean) => expect(await button.count()).toBe(seen ? 1 : 0);
    await read(page, '/one', { more });
    await isSeen(true);
    await open(page, '/two', { more, body: `${form}<div style="height:3000px"></div>` });
    await button.waitFor();
    await page.evaluate('document.forms[0].scrollIntoView()');
    await button.waitFor({ state: 'hidden' });
    await page.evaluate(THE_END);
    await button.waitFor();
    await page.clock.runFor(35_000);
    await box(page).waitFor();
    await isSeen(false);
    expect(await findCoveredControls(page, false)).toEqual([]);
    // The prompt does not lie over a form either.
    await page.evaluate('scrollTo(0, document.forms[0].offsetTop - innerHeight + 40)');
    await box(page).waitFor({ state: 'detached' });
    await isSeen(false);
    await page.evaluate(THE_END);
    await button.waitFor();
    await page.evaluate(
      "document.body.append(document.createElement('paperround-lantern')); scrollTo(0, 1e6)",
    );
    await page.clock.runFor(1_000);
    await isSeen(false);
  });

  test('the button opens the same form by keyboard, and gets the focus back', async () => {
    const page = await arrive({ width: 390 });
    await open(page, '/one', { manner: 'off', more: 'data-button="Newsletter"' });
    const button = page.getByRole('button', { name: 'Newsletter' });
    await button.press('Enter');
    await box(page).waitFor();
    expect(await button.count()).toBe(0);
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.tagName')).toBe('H2');
    await page.keyboard.press('Escape');
    await box(page).waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.textContent')).toBe(
      'Newsletter',
    );
    expect(await page.evaluate('Object.keys(localStorage).join()')).toBe('');
  });
});
