import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { correctArticle } from '../../../src/articles/release/correct-article.js';
import { holdArticle, releaseArticle } from '../../../src/articles/release/decide-article.js';
import { findArticle } from '../../../src/articles/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import {
  articleHoursAgo,
  closeFeedTestApps,
  openFeedTestApp,
  type FeedTestApp,
} from '../../support/feed-test-app.js';
import { enterDashboard, readDashboardPage } from '../../support/operator-session.js';

let feedApp: FeedTestApp;

beforeAll(async () => {
  feedApp = await openFeedTestApp({ neverEmailCategories: ['Job Offers'], holdMinutes: 60 });
});
afterAll(closeFeedTestApps);

const item = (id: string, ...categories: string[]) =>
  articleHoursAgo(feedApp.app, 1, { id, title: id, categories });

async function states(): Promise<Record<string, string>> {
  const articles = Object.entries(await feedApp.articles());
  return Object.fromEntries(articles.map(([id, { state }]) => [id, state]));
}

test('what is in a category that is never emailed counts as sent when it comes, also of a new feed’s newest', async () => {
  feedApp.server.articles.push(item('cook', 'job-offers'), item('tide', 'Sea'));
  await feedApp.follow(2);
  feedApp.addToFeed(
    item('cleaner', 'Sea', 'JOB OFFERS'),
    item('quiet', 'Don’t email'),
    item('still', 'dont-email'),
  );
  feedApp.addToFeed(item('storm', 'Jobs', 'Offers'));
  await feedApp.poll();
  expect(await states()).toEqual({
    ...{ cook: 'skipped', tide: 'waiting', storm: 'waiting' },
    ...{ cleaner: 'skipped', quiet: 'skipped', still: 'skipped' },
  });
  const { quiet } = await feedApp.articles();
  const recorded = await feedApp.app.context.db.many(sql`
    select kind, after from activity where subject_id = ${quiet?.id}::uuid
  `);
  expect(recorded).toEqual([{ kind: 'article.added', after: { state: 'skipped' } }]);
  const cookie = await enterDashboard(feedApp.app);
  const page = await readDashboardPage(feedApp.app, `/publications/lantern/articles/${quiet?.id}`, cookie);
  expect(page).toContain(
    'Not emailed: it counts as already sent. It is in a category that is never emailed.',
  );
});

test('one that comes into such a category while it waits or is held is not emailed, but what somebody let go is', async () => {
  const { context } = feedApp.app;
  const { publication } = feedApp;
  const push = async (title: string, categories: string[] = []) =>
    (await pushArticle(context, publication, { title, summary: 'S.', categories })).id;
  const stateOf = async (id: string) => (await findArticle(context.db, id))?.state;
  expect(await stateOf(await push('Wanted: a cook', ['Job offers']))).toBe('skipped');
  const [waits, held, due] = [await push('One'), await push('Two'), await push('Three')];
  await holdArticle(context, held);
  await releaseArticle(context, due);
  for (const id of [waits, held, due]) await correctArticle(context, id, { categories: ['Job Offers'] });
  expect([await stateOf(waits), await stateOf(held), await stateOf(due)]).toEqual([
    'skipped',
    'skipped',
    'waiting',
  ]);

  feedApp.server.articles.find(({ id }) => id === 'storm')?.categories?.push('Job offers');
  await feedApp.poll();
  expect((await states())['storm']).toBe('skipped');
  const at = { ...publication, neverEmailCategories: [] };
  const released = await pushArticle(context, publication, {
    ...{ title: 'Four', summary: 'S.', categories: ['Job Offers'], release: true },
  });
  expect(await stateOf(released.id)).toBe('released');
  const other = await pushArticle(context, at, { title: 'Five', summary: 'S.', categories: ['Job Offers'] });
  expect(await stateOf(other.id)).toBe('waiting');
});
