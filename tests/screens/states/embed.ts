import type { Page } from 'playwright-core';
import type { Fixture } from '../fixture.js';

/** The form on a publisher's page, sent with its script; `shown` is what it then says. */
export function sendEmbedded(email: string, shown: RegExp) {
  return async (page: Page, { testApp }: Fixture): Promise<void> => {
    await page.goto(`${testApp.url}/embed/harbour-lantern/preview/script`);
    await page.getByLabel('Email address').waitFor();
    await sendForm(page, email, shown);
  };
}

/** The form under an article of the demo, sent with its script as fast as only programs do. */
export async function sendOnDemo(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.article);
  await page.locator('.nl-float').waitFor();
  await sendForm(page, 'walter@example.org', /We have your sign-up/);
}

async function sendForm(page: Page, email: string, shown: RegExp): Promise<void> {
  await page.getByLabel('Email address').first().fill(email);
  await page.keyboard.press('Enter');
  await page.getByText(shown).waitFor();
}
