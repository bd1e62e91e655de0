import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openBrowserWindow } from '../../../support/browser.js';
import { describeInChromium } from '../../../support/chromium-tests.js';
import {
  createConfirmedReader,
  readMails,
  requestConfirmLink,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { seed } from '../../../support/seed.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

// Some mail scanners do not stop at opening links: they press what they find, also what no person sees.
describeInChromium('a scanner that presses every button of a page', () => {
  let testApp: TestApp;
  let browser: Browser;
  let count = 0;

  beforeAll(async () => {
    testApp = await openTestApp();
    await testApp.createPublication();
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await testApp.close();
  });

  const orders: Record<string, (buttons: number[]) => number[]> = {
    'in document order': (buttons) => buttons,
    'in reverse': (buttons) => buttons.toReversed(),
    'at random': (buttons) => {
      const order = fc.array(fc.constantFrom(...buttons), { minLength: 3, maxLength: 6 });
      return [...(fc.sample(order, { seed, numRuns: 1 })[0] ?? []), ...buttons];
    },
  };

  const ways: Record<string, (page: Page, order: number[]) => Promise<unknown>> = {
    'each in a tab of its own': pressInTabs,
    'by sending each form itself': sendForms,
    'all at the same moment': pressAtOnce,
  };

  for (const [how, inOrder] of Object.entries(orders))
    test.each(Object.entries(ways))(
      `${how}, %s, confirms nothing, and she who presses the button she sees is confirmed`,
      async (_, press) => {
        const email = `scanned-${(count += 1)}@example.com`;
        const link = await requestConfirmLink(testApp, email);
        const scanner = await openBrowserWindow(browser, { width: 1280 });
        await scanner.page.goto(link);
        const buttons = await scanner.page.locator('button').count();
        expect(buttons).toBe(2);
        await press(scanner.page, inOrder(Array.from({ length: buttons }, (_, index) => index)));
        await scanner.close();
        await testApp.runDueJobs();
        expect((await subscriptionOf(testApp, email)).status).toBe('pending');

        const reader = await openBrowserWindow(browser, { width: 375 });
        await reader.page.goto(link);
        await reader.page.getByRole('button').click();
        await reader.page.getByRole('heading', { name: "You're subscribed" }).waitFor();
        expect(reader.problems()).toEqual([]);
        await reader.close();
        await testApp.runDueJobs();
        expect((await subscriptionOf(testApp, email)).status).toBe('confirmed');
        const subjects = (await readMails(testApp))
          .filter(({ to }) => to === email)
          .map(({ subject }) => subject);
        expect(subjects).toEqual([
          'Confirm your subscription to The Lantern',
          "You're subscribed to The Lantern",
        ]);
      },
      60_000,
    );

  test('on the page by which she leaves, she has left', async () => {
    const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, 'leaving@example.com');
    const scanner = await openBrowserWindow(browser, { width: 1280 });
    await scanner.page.goto(unsubscribeLink);
    const buttons = await scanner.page.locator('button').count();
    await pressInTabs(
      scanner.page,
      Array.from({ length: buttons }, (_, index) => index),
    );
    await scanner.close();
    expect((await subscriptionOf(testApp, subscription.email)).status).toBe('unsubscribed');
  }, 60_000);
});

/** The page stays open meanwhile: every press is of the same visit. */
async function pressInTabs(page: Page, order: readonly number[]): Promise<void> {
  for (const place of order) {
    const opened = page.waitForEvent('popup');
    await page.evaluate(`(() => {
      const button = document.querySelectorAll('button')[${place}];
      button.form.target = '_blank';
      button.click();
    })()`);
    await (await opened).waitForLoadState();
  }
}

/** Of two forms that are sent at the same moment a browser sends the last. */
async function pressAtOnce(page: Page, order: readonly number[]): Promise<void> {
  const loaded = page.waitForEvent('load');
  await page.evaluate(`(() => {
    const buttons = [...document.querySelectorAll('button')];
    for (const place of ${JSON.stringify(order)}) buttons[place].click();
  })()`);
  await loaded;
  expect(await page.locator('h1').textContent()).not.toContain('subscribed');
  await page.getByText('Please press once more').waitFor();
}

async function sendForms(page: Page, order: readonly number[]): Promise<void> {
  for (const place of order)
    await page.evaluate(`(async () => {
      const { form } = document.querySelectorAll('button')[${place}];
      await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
    })()`);
}
