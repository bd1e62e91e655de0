import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { manageUrl } from '../../../../src/deliveries/mail-urls.js';
import type { Subscription } from '../../../../src/subscribers/subscription.js';
import { openBrowserWindow, openBrowser } from '../../../support/browser.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { pressEnterOn, tabTo, expectStatusMessage } from '../../../support/keyboard-navigation.js';
import { addReader, reloadReader } from '../../../support/fixtures.js';
import { describeInChromium } from '../../../support/chromium-tests.js';

let testApp: TestApp;
let reader: Subscription;

beforeAll(async () => {
  testApp = await openTestApp();
  const publication = await testApp.createPublication({ topics: ['Harbour', 'Town'] });
  reader = await addReader(testApp, publication, 'ada@example.com');
});
afterAll(() => testApp.close());

describeInChromium('by keyboard alone, without script, on 320 pixels', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('she changes how often, chooses a topic, corrects a date, pauses, resumes, leaves, says why and comes back', async () => {
    const { page, problems, close } = await openBrowserWindow(browser, { width: 320, script: false });
    page.setDefaultTimeout(15_000);
    await page.goto(manageUrl(testApp.context, reader));
    await tabTo(page, 'Each new article');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'Town');
    await page.keyboard.press('Space');
    await tabTo(page, 'Without pictures');
    await page.keyboard.press('Space');
    await pressEnterOn(page, 'Save');
    await expectStatusMessage(page, 'Saved. The next email comes on Monday 23 November, 07:00');
    await expectStatusMessage(page, 'You get articles about: Town.');
    expect(await reloadReader(testApp, reader)).toMatchObject({
      cadence: 'weekly',
      topics: ['Town'],
      withoutPictures: true,
    });

    await tabTo(page, 'Pause');
    await page.keyboard.press('Enter');
    await tabTo(page, '1 week');
    await page.keyboard.press('ArrowUp');
    await pressEnterOn(page, 'Pause emails');
    const mistake = page.getByRole('alert').getByRole('link');
    expect(await mistake.textContent()).toContain('Choose a day after today');
    await tabTo(page, 'Choose a day');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#until');
    await tabTo(page, '1 week|1 month|Until');
    await page.keyboard.press('ArrowUp');
    await tabTo(page, 'After the pause');
    await page.keyboard.press('Space');
    await pressEnterOn(page, 'Pause emails');
    expect(await page.getByText('Paused until 22 December 2026').count()).toBe(1);
    expect(await reloadReader(testApp, reader)).toMatchObject({ status: 'paused', catchUp: true });
    await pressEnterOn(page, 'Resume now');
    await expectStatusMessage(page, 'The pause is over.');

    await tabTo(page, 'Unsubscribe from');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/unsubscribe/**');
    await pressEnterOn(page, 'Unsubscribe');
    expect(await page.title()).toBe("You're unsubscribed");
    await tabTo(page, 'Too many');
    await page.keyboard.press('Space');
    await pressEnterOn(page, 'Send');
    await expectStatusMessage(page, 'Thank you');
    await pressEnterOn(page, 'Undo: keep my subscription');
    expect(await page.title()).toBe('Your subscription is back');
    expect((await reloadReader(testApp, reader)).status).toBe('confirmed');
    expect(problems()).toEqual([]);
    await close();
  });
});
