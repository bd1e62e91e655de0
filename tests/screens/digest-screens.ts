import type { Page } from 'playwright-core';
import type { DigestState } from '../../src/digests/digest.js';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';
import { addOpenCircuits } from './states/circuits.js';
import { emailScreens } from './email-screens.js';
import { previewScreens } from './preview-screens.js';
import { digestPath, rollingDigestPath, scheduledDigestPath } from './states/digests.js';

const DESK = '/operator/publications/harbour-lantern';
const EMPTY_DESK = '/operator/publications/tide-table';
const ROUTE = '/operator/publications/:slug/digests';

/** Digests: their list, the order of one, and a digest before, while and after it goes. */
export const digestScreens: readonly Screen[] = [
  desk('operator-digests', '', `${DESK}/digests`),
  desk('operator-digests-empty', '', `${EMPTY_DESK}/digests`),
  desk('operator-digest-new', '/new', `${DESK}/digests/new`),
  desk('operator-digest-new-nobody', '/new', `${EMPTY_DESK}/digests/new`),
  {
    name: 'operator-digest-new-mistake',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/digests/new`);
      await page.getByText('Choose a time').click();
      await page.getByLabel('Date and time').fill('2020-01-01T07:00');
      await page.getByRole('button', { name: 'Send then' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  digest('operator-digest', 'sending'),
  desk('operator-digest-rolling', '/:id', rollingDigestPath),
  desk('operator-digest-scheduled', '/:id', scheduledDigestPath),
  {
    name: 'operator-digest-left-alone',
    route: `${ROUTE}/:id`,
    needs: 'operator',
    reach: async (page, fixture) =>
      addOpenCircuits(page, fixture, await digestPath(fixture.testApp, 'sending')),
  },
  digest('operator-digest-held', 'held'),
  digest('operator-digest-paused', 'paused'),
  digest('operator-digest-closed', 'closed'),
  digest('operator-digest-cancelled', 'cancelled'),
  ...previewScreens,
  ...emailScreens,
  deliveries('operator-deliveries', 'accepted'),
  deliveries('operator-deliveries-unclear', 'uncertain'),
];

type PathOf = (testApp: Fixture['testApp']) => Promise<string>;

function desk(name: string, route: string, path: string | PathOf): Screen {
  const reach = async (page: Page, { testApp }: Fixture) =>
    page.goto(testApp.url + (typeof path === 'string' ? path : await path(testApp)));
  return { name, route: ROUTE + route, needs: 'operator', reach };
}

/** The page of a digest in a state. */
function digest(name: string, state: DigestState): Screen {
  return desk(name, '/:id', (testApp) => digestPath(testApp, state));
}

/** The people behind a number of the newest digest that is over. */
function deliveries(name: string, state: string): Screen {
  return desk(
    name,
    '/:id/deliveries',
    async (testApp) => `${await digestPath(testApp, 'closed')}/deliveries?state=${state}`,
  );
}
