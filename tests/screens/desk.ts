import type { Page } from 'playwright-core';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';
import { articleScreens } from './article-screens.js';
import { openMenu } from '../support/open-menu.js';
import { digestScreens } from './digest-screens.js';
import { createEntryLink } from '../../src/operators/entry-link.js';
import { signInScreens } from './sign-in-screens.js';
import { underAttack } from './states/attack.js';
import { addOpenCircuits } from './states/circuits.js';
import { holdPath } from './states/held-articles.js';
import { importScreens } from './import-screens.js';
import { readerScreens } from './reader-screens.js';
import { settingsScreens } from './settings-screens.js';

/** The pages of the fixture's publication that has had a week of mail. */
const DESK = '/operator/publications/harbour-lantern';
const ROUTE = '/operator/publications/:slug';

/** The operators' pages, in every state. */
export const deskScreens: readonly Screen[] = [
  ...settingsScreens,
  {
    name: 'operator-enter',
    route: '/operator/enter/:token',
    needs: 'reader',
    reach: (page, { testApp, paths }) => page.goto(testApp.url + paths.operatorEnter),
  },
  { name: 'operator-link-used', needs: 'reader', reach: pressUsedLink },
  { name: 'operator-signed-out', needs: 'operator', changesWindow: true, reach: signOut },
  ...signInScreens,
  {
    name: 'operator-no-newsletter',
    route: '/operator',
    needs: 'reader',
    reach: async (page, { newHouse }) => {
      await page.goto(await createEntryLink(newHouse.context));
      await page.getByRole('button').click();
    },
  },
  desk('operator', ''),
  {
    name: 'operator-menu',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}`);
      await openMenu(page);
    },
  },
  {
    name: 'operator-empty',
    route: ROUTE,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator/publications/tide-table`),
  },
  {
    name: 'operator-left-alone',
    route: ROUTE,
    needs: 'operator',
    reach: (page, fixture) => addOpenCircuits(page, fixture, `${DESK}?done=circuit-resumed`),
  },
  {
    name: 'operator-hold',
    route: `${ROUTE}/articles/holds/:id`,
    needs: 'operator',
    reach: async (page, { testApp }) => page.goto(testApp.url + (await holdPath(testApp))),
  },
  ...readerScreens,
  ...importScreens,
  desk('operator-welcome', '/look/welcome'),
  {
    name: 'operator-sign-ups',
    route: `${ROUTE}/readers/held`,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator/publications/tide-table/readers/held`),
  },
  {
    name: 'operator-sign-ups-attack',
    route: `${ROUTE}/readers/held`,
    needs: 'operator',
    reach: underAttack((page, { testApp }) => page.goto(`${testApp.url}${DESK}/readers/held`)),
  },
  {
    name: 'operator-attack',
    route: ROUTE,
    needs: 'operator',
    reach: underAttack((page, { testApp }) => page.goto(`${testApp.url}${DESK}`)),
  },

  ...articleScreens,
  ...digestScreens,
];

/** A page of the publication, by what follows its path. */
function desk(name: string, route: string, query = ''): Screen {
  return {
    name,
    route: ROUTE + route,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(testApp.url + DESK + route + query),
  };
}

async function signOut(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(`${testApp.url}/operator`);
  await openMenu(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
}

async function pressUsedLink(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.operatorUsed);
  await page.getByRole('button').click();
}
