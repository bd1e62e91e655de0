import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openBrowserWindow } from '../support/browser.js';
import { describeInChromium } from '../support/chromium-tests.js';
import { openMenu } from '../support/open-menu.js';
import { addArticles } from '../support/fixtures.js';
import { pressEnterOn, tabTo } from '../support/keyboard-navigation.js';
import { addVirtualAuthenticator } from '../support/virtual-authenticator.js';
import { answerReader, changePassword, endSessions, inviteViewer, lookAsViewer } from './editor-people.js';
import {
  previewAndSend,
  sendWithPause,
  withKeyboard,
  withoutScript,
  withScript,
  type Hands,
} from './editor-sending.js';
import { writeIntro } from './editor-writing.js';
import {
  acceptWithPasskey,
  acceptWithPassword,
  addReadersOf,
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

  test('sends by keyboard alone, on a narrow screen', async () => {
    const { testApp } = place;
    const publication = await testApp.createPublication({ slug: 'tide-table', name: 'Tide Table' });
    await addReadersOf(place);
    await addArticles(testApp, publication, 'The ferry is late');
    const { page, problems, close } = await openBrowserWindow(chromium, { width: 320 });
    await page.goto(await invitationLink(place));
    await tabTo(page, 'Password');
    await page.keyboard.type(PASSWORD);
    await pressEnterOn(page, 'Accept with this password');
    await pressEnterOn(page, 'Send new articles now');
    for (const link of ['Preview', 'Dark', 'Off', 'Back to sending']) await pressEnterOn(page, link);
    await sendWithPause(place, page, withKeyboard);
    expect(problems()).toEqual([]);
    await close();
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
  await writeIntro(place, page);
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
