import type { Page } from 'playwright-core';
import { DAY_MS } from '../../src/platform/durations.js';
import { passTime, publishArticle } from './editor-sending.js';
import { press, READERS, type Place } from './editor-steps.js';

const INTRO = 'Dear readers, **mind the tide**.';

/** An intro for the next daily digest: written, looked at, approved, and in everybody's mail. */
export async function writeIntro(place: Place, page: Page): Promise<void> {
  const { testApp } = place;
  await publishArticle(place, page, { id: 'tide', title: 'The tide is early' });
  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('link', { name: 'Write an email' }).click();
  await press(page, 'Write an intro for the next daily digest');
  await page.getByText('Not approved: these words are for the next daily digest.').waitFor();
  await page.getByLabel('Intro').fill(INTRO);
  await press(page, 'Save and preview');
  const mail = page.getByTitle('The mail as a reader sees it').contentFrame();
  await mail.getByText('mind the tide', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Back to writing' }).click();
  await press(page, 'Save and approve');
  await page.getByText('Approved: the next daily digest goes with these words.').waitFor();
  const sent = testApp.smtp.messages.length;
  await passTime(place, DAY_MS);
  await page.reload();
  await page.getByText('Its digest has begun').waitFor();
  const mails = testApp.smtp.messages
    .slice(sent)
    .map(({ raw }) => raw.toString().replaceAll('=\r\n', '').replaceAll(/\s+/g, ' '));
  if (mails.length !== READERS || !mails.every((text) => text.includes('<strong>mind the tide</strong>')))
    throw new Error(`${mails.length} mails, or one without the intro`);
}
