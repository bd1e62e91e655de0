import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { createEntryLink } from '../../../src/operators/entry-link.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openBrowserWindow, openBrowser, type BrowserWindow } from '../../support/browser.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { lastMail, linkIn, subscriptionOf } from '../../support/reader-actions.js';
import { describeInChromium } from '../../support/chromium-tests.js';

// Browsers send headers of their own with a form (Origin, Sec-Fetch-Site, Referer): only a real one tells what arrives.
describeInChromium('in a real browser', () => {
  let testApp: TestApp;
  let publication: Publication;
  let browser: Browser;
  let visitor: BrowserWindow;

  /** The page with this heading is there; a button may have led to it. */
  const arrived = (name: string) =>
    visitor.page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

  beforeAll(async () => {
    testApp = await openTestApp();
    publication = await testApp.createPublication({ defaultCadence: 'daily' });
    browser = await openBrowser();
    visitor = await openBrowserWindow(browser, { width: 390 });
    visitor.page.setDefaultTimeout(15_000);
  });

  afterAll(async () => {
    await browser.close();
    await testApp.close();
  });

  test('a reader signs up, confirms, unsubscribes and undoes that, with the keyboard alone', async () => {
    const { page } = visitor;
    await page.goto(`${testApp.url}/lantern`);
    await page.getByLabel('Email address').fill('nobody');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText("That doesn't look complete.").waitFor();
    expect(await page.getByLabel('Email address').inputValue()).toBe('nobody');
    await page.getByLabel('Email address').fill('amina@example.com');
    await page.keyboard.press('Enter');
    await arrived('Check your inbox');
    await testApp.runDueJobs();

    await page.goto(linkIn(await lastMail(testApp), 'confirm'), { waitUntil: 'networkidle' });
    // Scripts run, and none presses a button.
    expect((await subscriptionOf(testApp, 'amina@example.com')).status).toBe('pending');
    await page.getByRole('button', { name: 'Confirm subscription' }).press('Enter');
    await arrived("You're subscribed");
    await testApp.runDueJobs();

    await page.goto(linkIn(await lastMail(testApp), 'unsubscribe'));
    await page.getByRole('button', { name: 'Unsubscribe' }).press('Enter');
    await arrived("You're unsubscribed");
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await arrived('Your subscription is back');
    expect((await subscriptionOf(testApp, 'amina@example.com')).status).toBe('confirmed');
    expect(await page.context().cookies()).toEqual([]);
  });

  test('an operator signs in by an entry link, and sends', async () => {
    const { page } = visitor;
    await pushArticle(testApp.context, publication, { title: 'High water', content: '<p>News.</p>' });
    await testApp.runDueJobs();
    await page.goto(await createEntryLink(testApp.context));
    await page.getByRole('button', { name: 'Open the dashboard' }).click();
    await page.waitForURL(`${testApp.url}/operator/publications/lantern`);
    expect(await page.context().cookies()).toMatchObject([
      { name: 'paperround_operator', path: '/operator', httpOnly: true, sameSite: 'Lax' },
    ]);
    await page.getByRole('link', { name: 'Send new articles now' }).click();
    await page.getByRole('button', { name: 'Send to 1 reader' }).click();
    await page.getByRole('status').getByText('The digest is on its way.').waitFor();
    await testApp.runDueJobs();
    expect((await lastMail(testApp, 'amina@example.com')).subject).toBe('High water');
  });

  test('a page of another site that sends our form itself is refused', async () => {
    const { page } = visitor;
    const form = `<form action="${testApp.url}/operator/publications/lantern/digests" method="post"><button>Win</button></form>`;
    await page.goto(`data:text/html,${encodeURIComponent(form)}`);
    await page.getByRole('button').click();
    await arrived("We couldn't accept that");
    expect(visitor.problems()).toEqual([]);
  });
});
