import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, openBrowserWindow } from '../support/browser.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { addVirtualAuthenticator } from '../support/virtual-authenticator.js';
import { acceptWithPasskey, invitationLink, openPlace, setUpNewsletter, type Place } from './editor-steps.js';

let chromium: Browser;
let place: Place;

describeInChromium('an editor without a shell', () => {
  beforeAll(async () => {
    place = await openPlace();
    chromium = await openBrowser();
  });
  afterAll(async () => {
    await chromium.close();
    await place.close();
  });

  test('accepts an invitation with a passkey, makes a newsletter, proves each of five steps and goes live', async () => {
    const { page, problems, close } = await openBrowserWindow(chromium, { width: 1280 });
    await addVirtualAuthenticator(page);
    await page.goto(await invitationLink(place));
    await acceptWithPasskey(page);
    await setUpNewsletter(place, page);
    expect(problems()).toEqual([]);
    await close();
  });
});
