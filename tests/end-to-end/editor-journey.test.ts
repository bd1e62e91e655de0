import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openBrowserWindow } from '../support/browser.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { openMenu } from '../support/open-menu.js';
import { addVirtualAuthenticator } from '../support/virtual-authenticator.js';
import { answerReader, changePassword, endSessions, inviteViewer, lookAsViewer } from './editor-people.js';
import { previewAndSend, withoutScript, withScript, type Hands } from './editor-sending.js';
import {
  acceptWithPasskey,
  acceptWithPassword,
  invitationLink,
  openPlace,
  PASSWORD,
  press,
  setUpNewsletter,
  type Place,
} from './editor-steps.js';

let chromium: Browser;
let place: Place;

describeInChromium('an editor without a shell', () => {
  beforeAll(async () => {
    chromium = await openBrowser();
  });
  afterAll(() => chromium.close());
  beforeEach(async () => {
    place = await openPlace();
  });
  afterEach(() => place.close());

  test('sets a newsletter up, sends, answers a reader and invites a colleague, with a passkey', async () => {
    await travel({
      script: true,
      hands: withScript,
      accept: acceptWithPasskey,
      showSelf: (page) => press(page, 'Go on with a passkey'),
    });
  });

  test('does the same in a browser without script, with a password', async () => {
    await travel({
      script: false,
      hands: withoutScript,
      accept: acceptWithPassword,
      showSelf: async (page) => {
        await page.getByLabel('Password').fill(PASSWORD);
        await press(page, 'Go on');
      },
    });
  });
});

type Traveller = {
  script: boolean;
  hands: Hands;
  accept(page: Page): Promise<void>;
  showSelf(page: Page): Promise<void>;
};

async function travel({ script, hands, accept, showSelf }: Traveller): Promise<void> {
  const look = { width: 1280, script };
  const own = await openBrowserWindow(chromium, look);
  const others = await openBrowserWindow(chromium, { ...look, width: 390 });
  if (script) await addVirtualAuthenticator(own.page);
  const { page } = own;
  await page.goto(await invitationLink(place));
  await accept(page);
  await setUpNewsletter(place, page);
  await previewAndSend(place, page, hands);
  await answerReader(page);
  const invitation = await inviteViewer(place, page, showSelf);
  await others.page.goto(invitation);
  await lookAsViewer(others.page);
  await openMenu(others.page);
  await press(others.page, 'Sign out');
  const link = await changePassword(place, page);
  await endSessions(page, { elsewhere: others.page, link });
  expect([...own.problems(), ...others.problems()]).toEqual([]);
  await own.close();
  await others.close();
}
