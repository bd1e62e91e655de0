import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowserWindow, openBrowser, themes } from '../support/browser.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { screens } from './manifest.js';
import { getRoutes } from './routes.js';
import { screenWindows, type OpenScreen } from './open-screen.js';
import { openFixture, type Fixture } from './fixture.js';
import { checkHtml, hasHtmlChecker } from '../judges/html-checker.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { expectUncovered, findCoveredControls } from '../support/covered-controls.js';
import { expectAccessible, findAxeViolations, measureSidewaysScroll } from '../support/axe.js';

/** Routes for programs, style sheets and frames: no pages that a person opens. */
const nonPageRoutes = [
  '/operator/alerts/:id',
  '/operator/digests/:id',
  '/archive/:digest',
  '/healthz',
  '/robots.txt',
  '/favicon.ico',
  '/readyz',
  '/assets/:file',
  '/demo/feed.xml',
  '/embed/:pub.js',
  '/embed/:pub/challenge',
  '/:pub/feed.xml',
  '/:pub/subscriptions',
  '/subscription/form',
  '/subscription/optin/:subscriber',
  '/subscribe/post',
  '/subscribe/post-json',
  '/websub/:feed',
  '/inbox/:id/html',
  '/inbox/:id/raw',
  '/operator/publications/:slug/articles/:id/mail',
  '/operator/publications/:slug/digests/:id/preview/mail',
  '/operator/publications/:slug/digests/coming/:coming/preview/mail',
  '/operator/publications/:slug/digests/:id/progress',
  '/operator/publications/:slug/emails/:id/preview/mail',
  '/operator/publications/:slug/readers/do-not-mail/files/:id/mistakes.csv',
  '/operator/publications/:slug/readers/import/:id/mistakes.csv',
];

/** All screens are seen below a path, as the pictures are not: nothing may lead out of it. */
const BASE_PATH = '/local/letters';

/**
 * The pages of the embedded form show it in frames of this site, whose scripts are our own: their sandbox keeps forms from being
 * sent and windows from being opened there, and nobody from breaking out. A publisher pastes the form with its styles as one block.
 * And what an operator typed comes back as it was, also a day that no month has.
 */
const BY_DESIGN = [
  /^Bad value “allow-scripts allow-same-origin” for attribute “sandbox” on element “iframe”/,
  /^Element “style” not allowed as child of element “main” in this context/,
  /^Bad value “2026-02-31” for attribute “value” on element “input”: Day out of range/,
];

let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture({ basePath: BASE_PATH });
}, 600_000);

afterAll(() => fixture.close());

test('every page route has a picture in the manifest, and the manifest names no route that is gone', () => {
  const pictured = new Set(screens.flatMap(({ route }) => route ?? []));
  const routes = getRoutes(fixture.testApp.app).filter((route) => !route.startsWith('/api/v1/'));
  expect([...pictured, ...nonPageRoutes].toSorted()).toEqual([...new Set(routes)].toSorted());
});

test('a new route is found, also in a mounted router', async () => {
  const testApp: TestApp = await openTestApp();
  const before = getRoutes(testApp.app);
  testApp.app.get('/planted/:seed', () => {});
  expect(getRoutes(testApp.app)).toEqual([...before, '/planted/:seed']);
  expect(before).toContain('/operator/enter/:token');
  await testApp.close();
});

test('every screen has a name of its own', () => {
  expect(new Set(screens.map(({ name }) => name)).size).toBe(screens.length);
});

describeInChromium('in Chromium', () => {
  let browser: Browser;
  let openScreen: OpenScreen;
  /** Pages as they were answered, by the names of their screens. */
  const sources = new Map<string, string>();

  beforeAll(async () => {
    browser = await openBrowser();
    openScreen = screenWindows(browser, fixture, { width: 320 });
  });

  afterAll(() => browser.close());

  test.each(screens)(
    '"$name" fits a narrow screen and a wide one, leads nowhere beside the path of PUBLIC_URL, and axe finds nothing in light or dark',
    async (screen) => {
      const { page, problems, source, close } = await openScreen(screen);
      const html = screen.needs === 'mail' ? undefined : await source();
      if (html !== undefined) sources.set(screen.name, html);
      await expectUncovered(page);
      await expectAccessible(page, [320, screen.needs === 'mail' ? 700 : 1280]);
      expect(await findLinksBesidePath(page)).toEqual([]);
      expect(problems()).toEqual([]);
      await close();
    },
  );

  /** After the screens. Mails, which are framed here, are looked at in tests/judges. */
  (hasHtmlChecker ? test : test.skip)(
    'the Nu HTML checker finds no error in any page, and finds one that is planted (skipped without Java)',
    () => {
      expect(sources.size).toBeGreaterThan(screens.length / 2);
      const faults = checkHtml(new Map([...sources, ['planted', '<!doctype html><title>Odd</title></b>']]));
      const others = faults.filter(
        ({ page, says }) => page !== 'planted' && !BY_DESIGN.some((fault) => fault.test(says)),
      );
      expect(others).toEqual([]);
      expect(faults.map(({ page }) => page)).toContain('planted');
    },
  );

  test('the form is filled and sent by keyboard alone, and its error leads back to the field', async () => {
    const { page, close } = await openBrowserWindow(browser, { width: 320 });
    await page.goto(`${fixture.testApp.url}/harbour-lantern`);
    await tabTo(page, 'email');
    await page.keyboard.type('reader@example');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/subscriptions');
    const field = page.getByLabel('Email address');
    expect(await field.inputValue()).toBe('reader@example');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate(describedBy)).toContain("That doesn't look complete");
    await page.getByRole('alert').getByRole('link').press('Enter');
    expect(await focusedId(page)).toBe('email');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('keyboard.reader@example.org');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/check-inbox/**');
    // Held for an operator, because it was typed faster than people type.
    expect(await page.title()).toBe('We have your sign-up');
    await close();
  });

  test('what must not be on a page is noticed: faint words, a wide box, a request to elsewhere', async () => {
    const { page, problems, close } = await openBrowserWindow(browser, { width: 320 });
    await page.setContent(
      '<html lang="en"><title>Faulty</title><link rel="stylesheet" href="http://elsewhere.example/x.css">' +
        '<p style="color: #bbb; background: #fff">Faint<p style="width: 400px">Wide',
    );
    for (const theme of themes)
      expect(await findAxeViolations(page, theme)).toEqual(['color-contrast p:nth-child(1)']);
    expect(await measureSidewaysScroll(page)).toBeGreaterThan(0);
    expect(problems().join()).toContain('A request left this machine: http://elsewhere.example/x.css');
    await page.setContent(
      '<a href="#">Seen</a><p><button>Under</button><div style="height: 2000px"></div><a href="#">Below</a>' +
        '<div style="position: fixed; inset: 20px 0 0; background: #fff">Over</div>',
    );
    expect(await findCoveredControls(page, false)).toEqual(['button "Under" is under div "Over"']);
    expect(await findCoveredControls(page, true)).toEqual([
      'button "Under" is under div "Over"',
      'a "Below" is under div "Over"',
    ]);
    await close();
  });

  test('a page whose answer breaks its own content policy is noticed', async () => {
    const { page, problems, close } = await openBrowserWindow(browser, { width: 320 });
    await page.route('**/harbour-lantern', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${await response.text()}<p style="color: red">Loud</p>` });
    });
    await page.goto(`${fixture.testApp.url}/harbour-lantern`);
    expect(problems().join()).toContain('Content Security Policy');
    await close();
  });
});

/** What leads to the host of the page, but not below the path: the page itself, its links, forms, pictures and scripts. */
function findLinksBesidePath(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const inside = (root) => [...root.querySelectorAll('*')].flatMap((one) => [one, ...(one.shadowRoot ? inside(one.shadowRoot) : [])]);
    const names = ['href', 'src', 'srcset', 'action', 'formaction', 'poster', 'data-challenge'];
    const found = inside(document).flatMap((one) => names.flatMap((name) => one.getAttribute(name) ?? []));
    return [...new Set(found), location.href]
      .map((text) => URL.parse(text, location.href))
      .filter((url) => url?.host && url.host === location.host && !(url.pathname + '/').startsWith('${BASE_PATH}/'))
      .map((url) => url.href);
  })()`);
}

const describedBy = `document.getElementById('email').getAttribute('aria-describedby').split(' ')
  .map((id) => document.getElementById(id).textContent).join(' ')`;

function focusedId(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement?.id');
}

async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 10 && (await focusedId(page)) !== id; presses++)
    await page.keyboard.press('Tab');
  expect(await focusedId(page)).toBe(id);
}
