import type { Page } from 'playwright-core';
import type { DigestState } from '../../src/digests/digest.js';
import { raw, sql } from '../../src/platform/db/sql.js';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';
import { underAttack } from './states/attack.js';
import { digestPath } from './states/digests.js';
import { holdPath } from './states/held-articles.js';
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
  { name: 'operator-signed-out', needs: 'operator', reach: signOut },
  {
    name: 'operator-not-entered',
    route: '/operator',
    needs: 'reader',
    reach: (page, { testApp }) => page.goto(`${testApp.url}/operator`),
  },
  desk('operator', '', '?done=sending'),
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

  digest('operator-digest', 'sending'),
  {
    name: 'operator-digest-left-alone',
    route: `${ROUTE}/digests/:id`,
    needs: 'operator',
    reach: async (page, fixture) =>
      addOpenCircuits(page, fixture, await digestPath(fixture.testApp, 'sending')),
  },
  digest('operator-digest-held', 'held'),
  digest('operator-digest-paused', 'paused'),
  digest('operator-digest-closed', 'closed'),
  digest('operator-digest-cancelled', 'cancelled'),
  {
    name: 'operator-deliveries',
    route: `${ROUTE}/digests/:id/deliveries`,
    needs: 'operator',
    reach: async (page, { testApp }) =>
      page.goto(`${testApp.url}${await digestPath(testApp, 'closed')}/deliveries?state=accepted`),
  },
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

/** The page of a digest in a state. */
function digest(name: string, state: DigestState): Screen {
  const reach = async (page: Page, { testApp }: Fixture) =>
    page.goto(testApp.url + (await digestPath(testApp, state)));
  return { name, route: `${ROUTE}/digests/:id`, needs: 'operator', reach };
}

async function signOut(page: Page, { testApp }: Fixture): Promise<void> {
  await page.goto(`${testApp.url}/operator`);
  await page.getByRole('button', { name: 'Sign out' }).click();
}

async function pressUsedLink(page: Page, { testApp, paths }: Fixture): Promise<void> {
  await page.goto(testApp.url + paths.operatorUsed);
  await page.getByRole('button').click();
}

/** Opens the circuits of a domain and of a whole server while the page is loaded. */
async function addOpenCircuits(page: Page, { testApp }: Fixture, path: string): Promise<void> {
  const { db, now } = testApp.context;
  await db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select t.id, c.domain, c.kind, c.reason, c.reply_count, c.failure_count, ${now()}, c.closes_at
      from (select min(id) as id from transports) as t,
           (values ('university-of-the-outer-harbour.example', 'bounces', '550 5.1.1 Recipient not found', 140, 31, null),
                   ('', 'throttled', '421 4.7.28 Too many messages; see https://limits.example/${raw('a'.repeat(60))}', 24, 20,
                    ${new Date(now().getTime() + 240_000)}::timestamptz)) as c (domain, kind, reason, reply_count, failure_count, closes_at)
  `);
  await page.goto(testApp.url + path);
  await db.run(sql`delete from circuits`);
}
