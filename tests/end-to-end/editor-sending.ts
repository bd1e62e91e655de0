import type { FrameLocator, Page } from 'playwright-core';
import { HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';
import { showWorker } from '../http/show-worker.js';
import { pressEnterOn } from '../support/keyboard-navigation.js';
import { waitUntil } from '../support/wait-until.js';
import { press, READERS, type Place } from './editor-steps.js';

/** A new article goes to everybody who waits for one, is watched, stopped in the middle and let go on. */
export async function previewAndSend(place: Place, page: Page, hands: Hands): Promise<void> {
  const text = '<p>It left at noon.</p><p><img src="https://paper.example/ferry.jpg" alt="The ferry"></p>';
  await publishArticle(place, page, { id: 'ferry', title: 'The ferry is late', text });
  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByText('All is well.').waitFor();
  await page.getByRole('link', { name: 'Send new articles now' }).click();
  await preview(page);
  await page.getByRole('link', { name: 'Back to sending' }).click();
  await sendWithPause(place, page, hands);
}

/** The site has one more, and it is looked at. */
export async function publishArticle(
  place: Place,
  page: Page,
  { text = '<p>At noon.</p>', ...article }: { id: string; title: string; text?: string },
): Promise<void> {
  place.site.articles.unshift({ ...article, text });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Feeds' }).click();
  await press(page, 'Look now at The Paper');
  await page.getByText('It is looked at within seconds').waitFor();
  await passTime(place, MINUTE_MS);
  await passTime(place, HOUR_MS);
}

/** What a worker does by itself. */
export async function passTime({ testApp }: Place, milliseconds: number): Promise<void> {
  testApp.advanceClock(milliseconds);
  for (const name of ['poll-due', 'release-due', 'plan-due', 'count-due', 'sweep'] as const) {
    await testApp.handlers[name]({});
    await testApp.runDueJobs();
  }
  await showWorker(testApp);
}

async function preview(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Preview' }).click();
  const mail = page.getByTitle('The mail as a reader sees it').contentFrame();
  await mail.getByRole('heading', { name: 'The ferry is late' }).first().waitFor();
  const [light, pictures] = [await colourOf(mail), await countPictures(mail)];
  if (pictures === 0) throw new Error('There is no picture that could be off');
  await page.getByRole('link', { name: 'Dark', exact: true }).click();
  await waitUntil(async () => (await colourOf(mail)) !== light);
  await page.getByRole('link', { name: 'Off', exact: true }).click();
  await waitUntil(async () => (await countPictures(mail)) === 0);
}

async function colourOf(mail: FrameLocator): Promise<string> {
  return mail
    .getByText('The ferry is late')
    .first()
    .evaluate('getComputedStyle(document.body).backgroundColor');
}

/** How many pictures it loads. */
async function countPictures(mail: FrameLocator): Promise<number> {
  return mail
    .getByText('The ferry is late')
    .first()
    .evaluate('Array.from(document.images).filter((image) => image.hasAttribute("src")).length');
}

/** How she sends: `press` a button by its name, and `watch` a page until it says something. */
export type Hands = {
  press(page: Page, name: string): Promise<void>;
  watch(page: Page, words: string | RegExp): Promise<void>;
};

/** Where there is script, pages follow by themselves. */
export const withScript: Hands = { press, watch: (page, words) => page.getByText(words).waitFor() };

/** Without a mouse. */
export const withKeyboard: Hands = { ...withScript, press: pressEnterOn };

/** They do without it, too, but only each ten seconds. */
export const withoutScript: Hands = {
  press,
  watch: async (page, words) => {
    await waitUntil(async () => (await page.getByText(words).isVisible()) || void (await page.reload()));
  },
};

/** Forty readers are sent it: ten, and after a pause the others. */
export async function sendWithPause(place: Place, page: Page, hands: Hands): Promise<void> {
  const { testApp } = place;
  const sent = testApp.smtp.messages.length;
  const release = stopAfter(place, sent + 10);
  await hands.press(page, `Send to ${READERS} readers`);
  await hands.watch(page, 'About to be sent.');
  const sending = testApp.runDueJobs();
  await hands.watch(page, `Being sent: 10 of ${READERS}`);
  await hands.press(page, 'Pause');
  await hands.watch(page, 'Paused: 10 readers have it.');
  release();
  await sending;
  await hands.watch(page, /^\d+ readers wait, and nobody gets two\.$/);
  await hands.press(page, 'Resume');
  await hands.watch(page, 'Resumed. Who was not sent it yet is sent it now.');
  await passTime(place, MINUTE_MS);
  await hands.watch(page, 'Complete.');
  const mailed = testApp.smtp.messages.slice(sent).map(({ to }) => to);
  if (new Set(mailed).size !== READERS || mailed.length !== READERS) throw new Error(mailed.join(' '));
}

/** The mail server takes no more than so many messages until it is released. */
function stopAfter({ testApp: { smtp } }: Place, most: number): () => void {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let begun = smtp.messages.length;
  smtp.setScript(async (stage) => {
    if (stage === 'data' && ++begun > most) await released;
    return undefined;
  });
  return release;
}
