import type { Page } from 'playwright-core';
import type { Fixture } from './fixture.js';
import { addOpenCircuits } from './states/circuits.js';
import { addInboundTrouble } from './states/inbound.js';
import { addHooks, setUpHook } from './states/hooks.js';
import type { Screen } from './screen.js';

/** The pages of the fixture's publication that has had a week of mail. */
const DESK = '/operator/publications/harbour-lantern';
/** One that is being set up. */
const BEGINNER = '/operator/publications/market-letter';
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
  settings('operator-form', '/form', '?prompt=slide-in&afterSeconds=20&button=Subscribe'),
  settings('operator-form-mistake', '/form', '?prompt=dialog&atMost=many'),
  settings('operator-look', '/look'),
  {
    ...settings('operator-look-colour', '/look'),
    reach: async (page, { testApp }) =>
      page.goto(`${testApp.url}/operator/publications/tide-table/look?done=saved`),
  },
  {
    name: 'operator-health',
    route: '/operator/health',
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator/health`),
  },
  {
    name: 'operator-health-trouble',
    route: '/operator/health',
    needs: 'operator',
    reach: (page, fixture) => addOpenCircuits(page, fixture, '/operator/health'),
  },
  {
    name: 'operator-health-inbound',
    route: '/operator/health',
    needs: 'operator',
    reach: (page, fixture) => addInboundTrouble(page, fixture, '/operator/health'),
  },
  {
    ...hooks('operator-hooks'),
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator/health/hooks?done=removed`),
  },
  { ...hooks('operator-hooks-states'), reach: addHooks },
  { ...hooks('operator-hooks-made'), reach: (page, fixture) => setUpHook(page, fixture, 'Postmark') },
  {
    ...hooks('operator-hooks-mistake'),
    reach: (page, fixture) => setUpHook(page, fixture, 'Amazon SES', 'arn:aws:s3:::harbour'),
  },
  settings('operator-settings-people', '/settings/people', '?done=invited'),
  {
    ...settings('operator-settings-people-mistake', '/settings/people'),
    reach: async (page, fixture) => {
      await openPage(page, fixture, '/settings/people');
      await page.getByLabel('Email address').fill('eda@');
      await page.getByRole('button', { name: 'Invite', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  settings('operator-settings-programs', '/settings/programs', '?done=revoked'),
  {
    ...settings('operator-settings-programs-made', '/settings/programs'),
    reach: (page, fixture) => makeToken(page, fixture, 'Our website'),
  },
  {
    ...settings('operator-settings-programs-mistake', '/settings/programs'),
    reach: (page, fixture) => makeToken(page, fixture, ''),
  },
  settings('operator-settings-history', '/settings/history'),
  settings('operator-settings-history-filtered', '/settings/history', '?what=people&of=server'),
  settings('operator-settings-history-none', '/settings/history', '?what=digest.cancelled&who=token'),
  {
    name: 'operator-new',
    route: '/operator/publications/new',
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator/publications/new`),
  },
  {
    name: 'operator-new-mistake',
    route: '/operator/publications/new',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}/operator/publications/new`);
      await page.getByLabel('Name', { exact: true }).fill('Tide Table');
      await page.getByRole('button', { name: 'Make it' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'operator-set-up',
    route: `${ROUTE}/set-up`,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(`${testApp.url}${BEGINNER}/set-up?done=created`),
  },
  {
    name: 'operator-set-up-mistake',
    route: `${ROUTE}/set-up`,
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${BEGINNER}/set-up`);
      await page.getByRole('button', { name: 'Go live' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    ...settings('operator-set-up-live', '/set-up'),
    reach: async (page, fixture) => {
      await openPage(page, fixture, '/set-up');
      await page.getByLabel('Address of the page').fill(`${fixture.testApp.url}/harbour-lantern`);
      await page.getByRole('button', { name: 'Look for the form' }).click();
      await page.waitForURL('**/set-up?done=looked*');
    },
  },
];

/** The webhooks of providers, which are of the whole server. */
function hooks(name: string): Pick<Screen, 'name' | 'needs' | 'route'> {
  return { name, route: '/operator/health/hooks', needs: 'operator' };
}

/** A page of the publication, by what follows its path. */
function settings(name: string, path: string, query = ''): Screen {
  return {
    name,
    route: ROUTE + path,
    needs: 'operator',
    reach: (page, fixture) => openPage(page, fixture, path + query),
  };
}

async function makeToken(page: Page, fixture: Fixture, name: string): Promise<void> {
  await openPage(page, fixture, '/settings/programs');
  await page.getByLabel('What it is for').fill(name);
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText(name === '' ? 'No token was made' : 'Copy it now').waitFor();
}

async function lookAtFeed(page: Page, fixture: Fixture, path: string): Promise<void> {
  await openPage(page, fixture, '/settings/feeds');
  await page.getByLabel('Address of your site, or of its feed').fill(fixture.testApp.url + path);
  await page.getByRole('button', { name: 'Look at it' }).click();
}

function openPage(page: Page, { testApp }: Fixture, path: string) {
  return page.goto(testApp.url + DESK + path);
}
