import type { Page } from 'playwright-core';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';

/** The pages of the fixture's publication that has had a week of mail. */
const DESK = '/operator/publications/harbour-lantern';
const ROUTE = '/operator/publications/:slug';

/** The pages where a newsletter is set up, in every state. */
export const settingsScreens: readonly Screen[] = [
  { ...settings('operator-settings', '/settings', '?done=saved&also=hour') },
  {
    ...settings('operator-settings-mistake', '/settings'),
    reach: async (page, fixture) => {
      await openPage(page, fixture, '/settings');
      await page.getByLabel('Address of your site').fill('harbour lantern');
      await page.getByLabel('Day of monthly mail').fill('32');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  settings('operator-settings-feeds', '/settings/feeds', '?done=polling'),
  {
    ...settings('operator-settings-feed-preview', '/settings/feeds'),
    reach: async (page, fixture) => {
      await lookAtFeed(page, fixture, '/demo');
      await page.getByRole('button', { name: 'Follow this feed' }).waitFor();
    },
  },
  {
    ...settings('operator-settings-feed-mistake', '/settings/feeds'),
    reach: async (page, fixture) => {
      await lookAtFeed(page, fixture, '/healthz');
      await page.getByRole('alert').waitFor();
    },
  },
  settings('operator-settings-sender', '/settings/sender'),
  {
    ...settings('operator-settings-sender-checked', '/settings/sender'),
    reach: async (page, fixture) => {
      await openPage(page, fixture, '/settings/sender');
      await page.getByRole('button', { name: /Look at the DNS/ }).click();
      await page.getByText('Looked at the DNS just now').waitFor();
    },
  },
];

/** A page of the publication, by what follows its path. */
function settings(name: string, path: string, query = ''): Screen {
  return {
    name,
    route: ROUTE + path,
    needs: 'operator',
    reach: (page, fixture) => openPage(page, fixture, path + query),
  };
}

async function lookAtFeed(page: Page, fixture: Fixture, path: string): Promise<void> {
  await openPage(page, fixture, '/settings/feeds');
  await page.getByLabel('Address of your site, or of its feed').fill(fixture.testApp.url + path);
  await page.getByRole('button', { name: 'Look at it' }).click();
}

function openPage(page: Page, { testApp }: Fixture, path: string) {
  return page.goto(testApp.url + DESK + path);
}
