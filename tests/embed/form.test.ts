import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { renderSnippet, type SnippetKind } from '../../src/http/public/embed/snippet.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { setAttackMode } from '../../src/subscribers/attack/set-attack-mode.js';
import { openBrowserWindow, openBrowser, type BrowserWindow } from '../support/browser.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { hostilePage, openPublisherSite, pageOf, type Site } from './publisher-site.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { expectAccessible } from '../support/axe.js';

const root = "document.querySelector('main > article + *').shadowRoot";
const described = `${root}.getElementById(${root}.querySelector('[type=email]').getAttribute('aria-describedby').split(' ')[0]).textContent`;

describeInChromium("a form on a publisher's page", () => {
  let testApp: TestApp;
  let site: Site;
  let browser: Browser;
  let publication: Publication;
  const visitors: BrowserWindow[] = [];

  beforeAll(async () => {
    testApp = await openTestApp();
    publication = await testApp.createPublication({
      topics: ['Harbour', 'Town'],
      defaultCadence: 'weekly',
    });
    site = await openPublisherSite();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    for (const visitor of visitors) await visitor.close();
    await browser.close();
    await site.close();
    await testApp.close();
  });

  /** Opens a page of the other site with a snippet on it. */
  async function visit(
    kind: SnippetKind,
    { hostile = false, script = true, width = 390, path = '/story', headers = {}, of = publication } = {},
  ): Promise<Page> {
    const html = await renderSnippet(testApp.context, of, kind);
    site.put(path, hostile ? hostilePage(html) : pageOf(html), headers);
    const visitor = await openBrowserWindow(browser, { width, script });
    visitors.push(visitor);
    visitor.page.setDefaultTimeout(10_000);
    await visitor.page.goto(site.url + path);
    return visitor.page;
  }

  const requests = () =>
    testApp.context.db.many<{
      email: string;
      source: string | null;
      cadence: string | null;
      topics: string[];
      timezone: string | null;
    }>(sql`
      select email, source, cadence, topics, timezone
        from sign_up_requests
       order by created_at
    `);

  test.each(['isolated', 'script', 'pinned'] as const)(
    'the %s one looks right on a page whose style sheets break everything',
    async (kind) => {
      const page = await visit(kind, { hostile: true });
      const field = page.getByLabel('Email address');
      await field.waitFor();
      const look = await page.evaluate(`(() => {
        const field = ${root}.querySelector('input[type=email]');
        const { fontSize, color, textTransform, letterSpacing } = getComputedStyle(field);
        return { fontSize, color, textTransform, letterSpacing, height: field.getBoundingClientRect().height };
      })()`);
      expect(look).toEqual({
        fontSize: '16px',
        color: 'rgb(28, 27, 25)',
        textTransform: 'none',
        letterSpacing: 'normal',
        height: 44,
      });
      expect(await page.evaluate(`getComputedStyle(${root}.querySelector('h2')).position`)).toBe('static');
      const button = await page.getByRole('button', { name: 'Subscribe' }).boundingBox();
      expect(button?.height).toBeGreaterThanOrEqual(44);
    },
  );

  test.each(['isolated', 'plain'] as const)(
    'the %s one is filled in and sent by keyboard without any script',
    async (kind) => {
      const page = await visit(kind, { script: false, hostile: kind === 'isolated' });
      // The field is the third stop on the page: nothing of ours comes before it.
      await page.keyboard.press('Tab');
      await page.keyboard.type(`${kind}.reader@example.org`);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${testApp.url}/check-inbox/**`);
      expect((await requests()).at(-1)).toMatchObject({
        email: `${kind}.reader@example.org`,
        cadence: 'weekly',
      });
    },
  );

  test('without script, or before it came, there is a link to the sign-up page', async () => {
    const page = await visit('script', { script: false });
    await page.getByRole('link', { name: 'Get new articles from The Lantern by email' }).press('Enter');
    await page.waitForURL(`${testApp.url}/lantern`);
  });

  test.each(['isolated', 'plain', 'script', 'pinned'] as const)(
    'the %s one answers on the page where its script runs, and says where she signed up',
    async (kind) => {
      const page = await visit(kind, { path: `/story-${kind}` });
      if (kind === 'isolated' || kind === 'plain')
        await page.addScriptTag({ url: `${testApp.url}/embed/lantern.js` });
      await page.getByLabel('Email address').waitFor();
      await page.evaluate("history.replaceState(null, '', '?secret=1#end')");
      await page.getByText('How often, and about what').press('Enter');
      await page.getByLabel('Harbour').check();
      await page.getByLabel('Email address').fill('amina@example.com');
      await page.keyboard.press('Enter');
      await page
        .getByRole('status')
        .getByText(/we may write to .?amina@example\.com/)
        .waitFor();
      expect(await page.evaluate("localStorage.getItem('nl-off')")).toBe('known');
      expect(await page.context().cookies()).toEqual([]);
      expect((await requests()).at(-1)).toMatchObject({
        email: 'amina@example.com',
        source: `${site.url}/story-${kind}`,
        topics: ['Harbour'],
        timezone: expect.stringMatching(/\w/),
      });
    },
  );

  /** A page on which something other than a plain tag loads the script. */
  async function visitLoadedBy(how: string, load: (src: string) => string): Promise<BrowserWindow> {
    const path = `/loaded-by-${how}`;
    const place = '<paperround-lantern><a href="#">Newsletter</a></paperround-lantern>';
    site.put(path, pageOf(place + load(`${testApp.url}/embed/lantern.js?theme=light`)));
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitors.push(visitor);
    visitor.page.setDefaultTimeout(10_000);
    await visitor.page.goto(site.url + path);
    return visitor;
  }

  /** The tag as optimisers park it: it does not run, and its address is in an attribute of theirs. */
  const parked = (name: string, src: string) =>
    `<script type="text/plain" ${name}="${src}" data-button="By mail"></script>`;

  test.each<[string, (src: string) => string]>([
    ['defer', (src) => `<script defer src="${src}" data-button="By mail"></script>`],
    ['module', (src) => `<script type="module" src="${src}" data-button="By mail"></script>`],
    [
      'import',
      (src) => `${parked('data-src', src)}<script type="module">import ${JSON.stringify(src)}</script>`,
    ],
    [
      'call-of-import',
      (src) => `${parked('data-rocket-src', src)}<script>import(${JSON.stringify(src)})</script>`,
    ],
    [
      'eval',
      (src) =>
        `${parked('data-litespeed-src', src)}<script>fetch(${JSON.stringify(src)}).then((a) => a.text()).then((a) => (0, eval)(a))</script>`,
    ],
    [
      'tag-that-goes',
      (src) =>
        `<script>{const s = Object.assign(document.createElement('script'), { src: ${JSON.stringify(src)} });
         s.dataset.button = 'By mail'; document.head.append(s); s.remove()}</script>`,
    ],
  ])('loaded by %s it finds its tag with its options, and throws nothing', async (how, load) => {
    const { page, problems } = await visitLoadedBy(how, load);
    await page.getByLabel('Email address').waitFor();
    expect(await page.locator('.nl-float').textContent()).toBe('By mail');
    expect(problems()).toEqual([]);
  });

  test('put into the page, or together with others into one file, it shows each form', async () => {
    const other = await testApp.createPublication({ slug: 'old-lantern', name: 'The Old Lantern' });
    const scripts = await Promise.all(
      [publication, other].map(async ({ slug }) => (await fetch(`${testApp.url}/embed/${slug}.js`)).text()),
    );
    site.put('/all.js', ['"use strict";', ...scripts].join('\n;\n'), { 'content-type': 'text/javascript' });
    const otherPlace = '<paperround-old-lantern></paperround-old-lantern>';
    for (const [how, load] of Object.entries({
      inline: `<script data-button="By mail">${scripts[0]}</script><script>${scripts[1]}</script>`,
      one: '<script src="/all.js"></script>',
      'one-module': '<script type="module" src="/all.js"></script>',
    })) {
      const { page, problems } = await visitLoadedBy(how, () => otherPlace + load);
      await page.getByLabel('Email address').nth(1).waitFor();
      expect([how, await page.locator('.nl-float').count(), problems()]).toEqual([
        how,
        how === 'inline' ? 1 : 0,
        [],
      ]);
    }
  });

  test('the pinned one finds its configuration when it is loaded as a module, beside configurations of others', async () => {
    const tag = (await renderSnippet(testApp.context, publication, 'pinned'))
      .replace('<script async', '<script type="module"')
      .replace(/^[^]*?(?=<script)/, '');
    const others = `<script type="text/plain" data-config="yes"></script><script type="text/plain" data-config='{"a":1}'></script>`;
    const { page, problems } = await visitLoadedBy('pinned-module', () => others + tag);
    await page.getByLabel('Email address').waitFor();
    expect(problems()).toEqual([]);
  });

  test('a mistake is shown at the field, which gets the focus', async () => {
    const page = await visit('script');
    const field = page.getByLabel('Email address');
    await field.fill('amina@example');
    await page.getByRole('button', { name: 'Subscribe' }).press('Enter');
    await page.getByText("That doesn't look complete.").waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate(`${root}.activeElement.name`)).toBe('email');
    expect(await page.evaluate(described)).toContain("That doesn't look complete.");
    await field.fill('amina@example.com');
    await page.keyboard.press('Enter');
    await page.getByText('Check your inbox').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBeNull();
  });

  test('a likely typing mistake is asked about, and either answer is one press', async () => {
    const page = await visit('script');
    const field = page.getByLabel('Email address');
    await field.fill('amina@gmial.com');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Use amina@gmail.com' }).waitFor();
    await page.getByRole('button', { name: 'Keep what I typed' }).press('Enter');
    await page.getByText('amina@gmial.com').waitFor();
    await page.getByRole('button', { name: 'Use another address' }).press('Enter');
    expect(await field.inputValue()).toBe('amina@gmial.com');
    await field.press('Enter');
    await page.getByRole('button', { name: 'Use amina@gmail.com' }).press('Enter');
    await page.getByText('amina@gmail.com').waitFor();
    expect(await field.inputValue()).toBe('amina@gmail.com');
  });

  test('offline, the address stays in the box and nothing is lost', async () => {
    const page = await visit('script');
    const field = page.getByLabel('Email address');
    await field.fill('amina@example.com');
    await page.context().setOffline(true);
    await page.keyboard.press('Enter');
    await page.getByText('You seem to be offline.').waitFor();
    expect(await field.inputValue()).toBe('amina@example.com');
    await page.context().setOffline(false);
    await page.keyboard.press('Enter');
    await page.getByText('Check your inbox').waitFor();
  });

  test('a page whose policy forbids our request sends the form the plain way at the next press', async () => {
    const page = await visit('script', { headers: { 'content-security-policy': "connect-src 'self'" } });
    await page.getByLabel('Email address').fill('amina@example.com');
    await page.keyboard.press('Enter');
    await page.getByText("We couldn't reach the newsletter.").waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${testApp.url}/check-inbox/**`);
  });

  test('when the server fails, she is told so with a reference and whom to write to', async () => {
    const page = await visit('script');
    await testApp.context.db.run(sql`alter table sign_up_requests rename to away`);
    await page.getByLabel('Email address').fill('amina@example.com');
    await page.keyboard.press('Enter');
    const status = page.getByRole('status').getByText('help@lantern.example');
    await status.waitFor();
    expect(await status.textContent()).toMatch(/may or may not have been saved/);
    await testApp.context.db.run(sql`alter table away rename to sign_up_requests`);
  });

  test('while the newsletter is under attack her browser does the work, and she notices only a moment', async () => {
    const attacked = await testApp.createPublication({ slug: 'attacked' });
    await setAttackMode(testApp.context, attacked.id, true);
    const page = await visit('script', { of: attacked });
    const statuses: number[] = [];
    page.on('response', (response) => void statuses.push(response.status()));
    await page.getByLabel('Email address').fill('patient@example.com');
    await page.keyboard.press('Enter');
    await page.getByText('Check your inbox').waitFor();
    expect(statuses).toEqual([428, 202]);
    const { outcome } = await testApp.context.db.one<{ outcome: string | null }>(sql`
      select outcome
        from sign_up_requests
       where email = 'patient@example.com'
    `);
    expect(outcome).toBeNull();
  });

  test.each(['script', 'plain'] as const)(
    'once the %s one is sent, it says what comes next, and offers a way back and nothing else',
    async (kind) => {
      const page = await visit(kind, { path: `/sent-${kind}` });
      if (kind === 'plain') await page.addScriptTag({ url: `${testApp.url}/embed/lantern.js` });
      const field = page.getByLabel('Email address');
      await field.fill('slpi@example.org');
      await field.press('Enter');
      const back = page.getByRole('button', { name: 'Use another address' });
      await back.waitFor();
      expect(
        await page.evaluate(
          "(document.querySelector('main > article + * + *')?.shadowRoot ?? document.querySelector('main > article + *').shadowRoot ?? document).activeElement.role",
        ),
      ).toBe('status');
      expect(await field.isVisible()).toBe(false);
      expect(await page.getByRole('button').count()).toBe(1);
      await back.press('Enter');
      expect(await field.inputValue()).toBe('slpi@example.org');
      expect(await field.evaluate((element) => element.matches(':focus'))).toBe(true);
      await field.fill('slip@example.org');
      await field.press('Enter');
      await page.getByText('slip@example.org').waitFor();
    },
  );

  test('a page with one paper has the form on it, whatever the device prefers', async () => {
    const paper = async (theme?: 'light' | 'dark') => {
      site.put('/themed', pageOf(await renderSnippet(testApp.context, publication, 'isolated', theme)));
      await page.goto(`${site.url}/themed`);
      return page.evaluate(`getComputedStyle(${root}.querySelector('section')).backgroundColor`);
    };
    const page = await visit('isolated');
    await page.emulateMedia({ colorScheme: 'dark' });
    const [dark, light] = [await paper(), await paper('light')];
    expect([dark, light]).toEqual(['rgb(23, 22, 20)', 'rgb(251, 250, 247)']);
    await page.emulateMedia({ colorScheme: 'light' });
    expect([await paper(), await paper('dark')]).toEqual([light, dark]);
    for (const theme of ['light', 'dark'])
      expect(await (await fetch(`${testApp.url}/embed/lantern?theme=${theme}`)).text()).toContain(
        `/embed/lantern.js?theme=${theme}`,
      );
  });

  test('a form that the page inserts later, or moves, works like any other', async () => {
    const page = await visit('script', { path: '/single-page' });
    await page.getByLabel('Email address').waitFor();
    await page.evaluate(`document.querySelector('main').innerHTML =
        '<article>Another story</article><paperround-lantern></paperround-lantern>'`);
    await page.getByLabel('Email address').fill('late@example.org');
    await page.evaluate(
      "document.querySelector('article').before(document.querySelector('paperround-lantern'))",
    );
    expect(await page.getByLabel('Email address').inputValue()).toBe('late@example.org');
    await page.getByRole('button', { name: 'Subscribe' }).press('Enter');
    await page.getByText('Check your inbox').waitFor();
    expect((await requests()).filter(({ email }) => email === 'late@example.org')).toHaveLength(1);
  });

  test('a second tag of the same newsletter adds nothing, and two newsletters stand side by side', async () => {
    const other = await testApp.createPublication({ slug: 'evening', name: 'The Evening' });
    const html =
      (await renderSnippet(testApp.context, other, 'script')) +
      (await renderSnippet(testApp.context, publication, 'script'));
    site.put('/both', pageOf((html + html).replaceAll('<script async', '<script async data-button="Join"')));
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitors.push(visitor);
    const mistakes: Error[] = [];
    visitor.page.on('pageerror', (error) => mistakes.push(error));
    await visitor.page.goto(`${site.url}/both`);
    await visitor.page.waitForLoadState('networkidle');
    expect(await visitor.page.getByLabel('Email address').count()).toBe(4);
    expect(await visitor.page.getByRole('heading', { name: 'The Evening' }).count()).toBe(2);
    expect(await visitor.page.getByRole('button', { name: 'Join' }).count()).toBe(2);
    expect(mistakes).toEqual([]);
  });

  test('pressing twice sends one request', async () => {
    const page = await visit('script');
    const before = (await requests()).length;
    await page.getByLabel('Email address').fill('twice@example.com');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('Check your inbox').waitFor();
    expect((await requests()).length).toBe(before + 1);
  });

  test('a page loads the script from Paperround, and nothing from anybody else', async () => {
    const html = await renderSnippet(testApp.context, publication, 'pinned');
    site.put('/asked', pageOf(html));
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitors.push(visitor);
    const asked: string[] = [];
    visitor.page.on('request', (request) => void asked.push(request.url()));
    await visitor.page.goto(`${site.url}/asked`);
    await visitor.page.getByLabel('Email address').waitFor();
    expect(asked.toSorted()).toEqual(
      [`${site.url}/asked`, `${testApp.url}/assets/${testApp.context.templates.embed.build.file}`].toSorted(),
    );
    expect(await visitor.page.evaluate('Object.keys(localStorage)')).toEqual([]);
    expect(visitor.problems()).toEqual([]);
  });

  test('in Arabic it runs from right to left, in its own language, on an English page', async () => {
    const fanar = await testApp.createPublication({ slug: 'fanar', name: 'الفنار', locale: 'ar' });
    const page = await visit('script', { hostile: true, of: fanar });
    await page.getByRole('button', { name: 'اشترك' }).waitFor();
    const section = `${root}.querySelector('section')`;
    expect(await page.evaluate(`[${section}.lang, getComputedStyle(${section}).direction]`)).toEqual([
      'ar',
      'rtl',
    ]);
  });

  test.each(['isolated', 'plain', 'script'] as const)('axe finds nothing in the %s one', async (kind) => {
    const page = await visit(kind, { width: 320 });
    await page.getByLabel('Email address').waitFor();
    await page.getByText('How often, and about what').press('Enter');
    await expectAccessible(page, [320, 1280]);
  });
});
