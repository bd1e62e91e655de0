import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { demoFormOptions, demoPublication, prepareDemo } from '../../src/cli/start/demo.js';
import { demoRoutes } from '../../src/http/development/demo/routes.js';
import { demoSite } from '../../src/http/development/demo/site.js';
import { inboxRoutes } from '../../src/http/development/inbox-routes.js';
import { sql } from '../../src/platform/db/sql.js';
import { post } from '../support/reader-actions.js';
import { openBrowserWindow, openBrowser } from '../support/browser.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { describeInChromium } from '../support/chromium-tests.js';

let testApp: TestApp;
let dir: string;
let article: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'demo-embed-'));
  const site = demoSite(dir, () => testApp.context.now());
  testApp = await openTestApp({
    development: (context) => ({
      inbox: inboxRoutes({ templates: context.templates, inboxDir: join(dir, 'inbox') }),
      demo: demoRoutes({
        templates: context.templates,
        site,
        publication: () => demoPublication(context),
        offer: () => demoFormOptions(context),
        onPublish: async () => {},
      }),
    }),
  });
  await prepareDemo(testApp.context);
  article = `${testApp.url}/demo/articles/${(await site.published())[0]?.slug ?? ''}`;
});

afterAll(async () => {
  await testApp.close();
  await rm(dir, { recursive: true, force: true });
});

const requests = () =>
  testApp.context.db.many<{ email: string; source: string }>(sql`
    select email, source
      from sign_up_requests
     order by created_at
  `);

test('a form says from the first day how many mails come a week, by the dates in the feed', async () => {
  expect(await (await fetch(`${testApp.url}/harbour-lantern`)).text()).not.toContain('emails a week');
  await testApp.runDueJobs();
  for (const page of [article, `${testApp.url}/harbour-lantern`])
    expect(await (await fetch(page)).text()).toContain('About 3 emails a week');
});

test('a comment with the box ticked sends its writer a confirmation, one without sends nothing', async () => {
  const words = { name: 'Amina', comment: 'Well said.', email: 'amina@example.com' };
  const plain = await post(`${article}/comments`, words);
  expect(plain.headers.get('location')).toMatch(/\?comment=taken#reply$/);
  expect(await requests()).toEqual([]);

  const ticked = await post(`${article}/comments`, { ...words, newsletter: 'yes' });
  expect(ticked.headers.get('location')).toMatch(/\?comment=asked#reply$/);
  expect(await requests()).toEqual([{ email: 'amina@example.com', source: article }]);
  expect(await (await fetch(`${article}?comment=asked`)).text()).toContain(
    'A link to confirm the emails you asked for is on its way, if we may write to this address.',
  );
  expect(await requests()).toHaveLength(1);
});

test('the box is not ticked for her', async () => {
  const page = await (await fetch(article)).text();
  expect(page).toMatch(/<input type="checkbox" id="reply-newsletter" name="newsletter" value="yes">/);
});

test('an impossible address is reported, and the comment is published all the same', async () => {
  const answer = await post(`${article}/comments`, { email: 'amina@', newsletter: 'yes', comment: 'Hm.' });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain('Your comment was taken.');
});

test('a typing mistake in the address of a comment is asked about, with a button for each answer', async () => {
  const answer = await post(`${article}/comments`, { email: 'amina@gmial.com', newsletter: 'yes' });
  const page = await answer.text();
  expect(answer.status).toBe(422);
  expect(page).toContain('<button>Use amina@gmail.com</button>');
  expect(page).toContain('<button>Keep what I typed</button>');
  const [used, kept] = page.split('<div class="choices">')[1]?.split('</form>').map(fieldsOf) ?? [];
  expect(used).toEqual({ email: 'amina@gmail.com', source: article });
  expect(kept).toEqual({ email: 'amina@gmial.com', keep: 'yes', source: article });
  const pressed = await post(`${testApp.url}/harbour-lantern/subscriptions`, kept);
  expect(pressed.headers.get('location')).toMatch(/^\/check-inbox\//);
  await testApp.context.db.run(sql`delete from sign_up_requests where email = 'amina@gmial.com'`);
});

function fieldsOf(form: string): Record<string, string> {
  const fields = form.matchAll(/name="(\w+)" value="([^"]*)"/g);
  return Object.fromEntries(Array.from(fields, ([, name = '', value = '']) => [name, value]));
}

describeInChromium('in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser.close());

  test('the form under an article answers in place, and keeps what she chose', async () => {
    const { page, problems, close } = await openBrowserWindow(browser, { width: 390 });
    page.setDefaultTimeout(10_000);
    await page.goto(article);
    await page.locator('.nl-float').waitFor();
    await page.getByLabel('Email address').fill('ines@example.com');
    await page.keyboard.press('Enter');
    await page.getByText(/we may write to .?ines@example\.com/).waitFor();
    expect(page.url()).toBe(article);
    expect((await requests()).at(-1)).toEqual({ email: 'ines@example.com', source: article });
    expect(problems()).toEqual([]);
    await close();
  });

  test('what she chose is kept while she is asked about a typing mistake, without script', async () => {
    const { page, close } = await openBrowserWindow(browser, { width: 390, script: false });
    await page.goto(`${testApp.url}/harbour-lantern`);
    await page.getByText('How often, and about what').click();
    await page.getByLabel('Kitchen').check();
    await page.locator('#wish-cadence').selectOption('weekly');
    await page.locator('#email').fill('amina@gmial.com');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Keep what I typed' }).click();
    await page.waitForURL('**/check-inbox/**');
    const { cadence, topics } = await testApp.context.db.one<{ cadence: string; topics: string[] }>(sql`
      select cadence, topics
        from sign_up_requests
       where email = 'amina@gmial.com'
    `);
    expect({ cadence, topics }).toEqual({ cadence: 'weekly', topics: ['Kitchen'] });
    await close();
  });
});
