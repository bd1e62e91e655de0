import type { Page } from 'playwright-core';
import { sql } from '../../src/platform/db/sql.js';
import type { Article } from '../../src/articles/article.js';
import type { Fixture } from './fixture.js';
import type { Screen } from './screen.js';

const DESK = '/operator/publications/harbour-lantern/articles';
const ROUTE = '/operator/publications/:slug/articles';

/** Articles: their list, one of them in its states, and the forms that add and correct one. */
export const articleScreens: readonly Screen[] = [
  at('operator-articles', '', DESK),
  at('operator-articles-held', '', `${DESK}?state=held&done=skipped`),
  at('operator-articles-empty', '', '/operator/publications/tide-table/articles'),
  article('operator-article-held', 'held'),
  article('operator-article-mailed', 'released'),
  article('operator-article-correct', 'released', '/correct'),
  at('operator-article-new', '/new', `${DESK}/new`),
  {
    name: 'operator-article-new-mistake',
    needs: 'operator',
    reach: async (page, { testApp }) => {
      await page.goto(`${testApp.url}${DESK}/new`);
      await page.getByLabel('Address of its page').fill('lantern.example/no-scheme');
      await page.getByRole('button', { name: 'Add it' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
];

function at(name: string, route: string, path: string): Screen {
  return {
    name,
    route: ROUTE + route,
    needs: 'operator',
    reach: (page, { testApp }) => page.goto(testApp.url + path),
  };
}

/** The newest article in a state. */
function article(name: string, state: Article['state'], page = ''): Screen {
  return {
    name,
    route: `${ROUTE}/:id${page}`,
    needs: 'operator',
    reach: async (window, fixture) => {
      await window.goto(`${fixture.testApp.url}${DESK}/${await newest(fixture, state)}${page}`);
      await paintFrame(window);
    },
  };
}

async function newest({ testApp }: Fixture, state: Article['state']): Promise<string> {
  const { id } = await testApp.context.db.one<{ id: string }>(sql`
    select a.id from articles a join publications p on p.id = a.publication_id
     where p.slug = 'harbour-lantern' and a.state = ${state} order by a.id desc limit 1
  `);
  return id;
}

/** Chromium paints a frame of another origin when it first comes into view. */
export async function paintFrame(page: Page): Promise<void> {
  const frame = page.locator('iframe');
  if ((await frame.count()) === 0) return;
  await frame.scrollIntoViewIfNeeded();
  await page.frameLocator('iframe').locator('body').waitFor();
  await page.evaluate('scrollTo(0, 0)');
}
