import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { manageUrl } from '../../src/deliveries/mail-names.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import { findChromium, newVisitor, openBrowser } from '../support/browser.js';
import { openHouse, type House } from '../support/house.js';
import { press, tabTo, told } from '../support/keyboard.js';
import { addReader, readerNow } from '../support/readers.js';

let house: House;
let reader: Subscription;

beforeAll(async () => {
  house = await openHouse();
  const publication = await house.publish({ topics: ['Harbour', 'Town'] });
  reader = await addReader(house, publication, 'ada@example.com');
});
afterAll(() => house.close());

const inChromium = findChromium() === undefined ? describe.skip : describe;

inChromium('by keyboard alone, without script, on 320 pixels', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test('she changes how often, chooses a topic, mends a date, pauses, resumes, leaves, says why and comes back', async () => {
    const { page, complaints, close } = await newVisitor(browser, { width: 320, script: false });
    page.setDefaultTimeout(15_000);
    await page.goto(manageUrl(house.context, reader));
    await tabTo(page, 'Each new article');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await press(page, 'Save how often');
    await told(page, 'Saved. The next email comes on Monday 23 November, 07:00');
    await tabTo(page, 'Town');
    await page.keyboard.press('Space');
    await press(page, 'Save topics');
    await told(page, 'You get articles about: Town.');
    expect(await readerNow(house, reader)).toMatchObject({ cadence: 'weekly', topics: ['Town'] });

    await tabTo(page, '1 week');
    await page.keyboard.press('ArrowUp');
    await press(page, 'Pause emails');
    const mistake = page.getByRole('alert').getByRole('link');
    expect(await mistake.textContent()).toContain('Choose a day after today');
    await tabTo(page, 'Choose a day');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#until');
    await tabTo(page, '1 week|1 month|Until');
    await page.keyboard.press('ArrowUp');
    await tabTo(page, 'After the pause');
    await page.keyboard.press('Space');
    await press(page, 'Pause emails');
    expect(await page.getByText('Paused until 22 December 2026').count()).toBe(1);
    expect(await readerNow(house, reader)).toMatchObject({ status: 'paused', catchUp: true });
    await press(page, 'Resume now');
    await told(page, 'The pause is over.');

    await tabTo(page, 'Unsubscribe from');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/unsubscribe/**');
    await press(page, 'Unsubscribe');
    expect(await page.title()).toBe("You're unsubscribed");
    await tabTo(page, 'Too many');
    await page.keyboard.press('Space');
    await press(page, 'Send');
    await told(page, 'Thank you');
    await press(page, 'Undo: keep my subscription');
    expect(await page.title()).toBe('Your subscription is back');
    expect((await readerNow(house, reader)).status).toBe('confirmed');
    expect(complaints()).toEqual([]);
    await close();
  });
});
