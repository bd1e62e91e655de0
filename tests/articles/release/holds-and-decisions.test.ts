import { describeArticleHold, describeHold } from '../../../src/articles/release/describe-hold.js';
import { afterEach, expect, test } from '@jest/globals';
import type { Article } from '../../../src/articles/article.js';
import { releaseArticle, retractArticle } from '../../../src/articles/release/decide-article.js';
import { listHolds, listUndecidedHolds } from '../../../src/articles/release/reads.js';
import type { ArticleHold } from '../../../src/articles/release/hold.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { releaseOrRestoreArticle } from '../../../src/deliveries/control/release-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import type { FeedArticle } from '../../support/feed-server.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { decideHold } from '../../../src/articles/release/decide-hold.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';
afterEach(closeFeedTestApps);

test('forty at once are one hold; released are the newest three, and the rest counts as sent', async () => {
  const feedApp = await openFeedTestApp();
  const { app } = feedApp;
  await createConfirmedReader(app, 'ana@example.com', { cadence: 'instant' });
  const mailed = app.smtp.messages.length;
  await flood(feedApp, 40);
  const [hold, ...others] = await holds(feedApp);
  expect(others).toEqual([]);
  expect(hold).toMatchObject({ code: 'flood', count: 40 });
  expect(hold && describeHold(hold, operatorWords)).toBe('40 new articles arrived at once.');
  const decisions = await Promise.all([1, 2].map(() => decideHold(app.context, hold?.id ?? '', 3)));
  expect(decisions.map(({ kind }) => kind).toSorted()).toEqual(['decided', 'nothing-held']);
  expect(decisions).toContainEqual({
    ...{ kind: 'decided', publicationId: feedApp.publication.id, released: 3, skipped: 37 },
  });
  await app.runDueJobs();
  const mails = await readMails(app);
  expect(mails.slice(mailed).map(({ subject }) => subject)).toEqual(['Flood 3', 'Flood 2', 'Flood 1']);
  expect(await holds(feedApp)).toEqual([]);
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
});

test.each([
  ['all', 25, 0],
  ['none', 0, 25],
  [30, 25, 0],
] as const)(
  'of twenty-five held, %s: %d are released and %d count as sent',
  async (choice, released, skipped) => {
    const feedApp = await openFeedTestApp();
    await flood(feedApp, 25);
    const [hold] = await holds(feedApp);
    const { context } = feedApp.app;
    expect(await decideHold(context, hold?.id ?? '', choice)).toMatchObject({ released, skipped });
    await feedApp.app.runDueJobs();
    expect(await count(feedApp, 'released')).toBe(released);
    expect(await count(feedApp, 'skipped')).toBe(skipped);
    expect(await decideHold(context, NOBODY, choice)).toEqual({ kind: 'unknown' });
  },
);

test('one of many is released alone, and the hold is about the others', async () => {
  const feedApp = await openFeedTestApp();
  await flood(feedApp, 22);
  const { context } = feedApp.app;
  await releaseArticle(context, (await feedApp.articles())['f7']?.id ?? '');
  const [hold] = await holds(feedApp);
  expect(hold?.count).toBe(21);
  expect(await decideHold(context, hold?.id ?? '', 'none')).toMatchObject({ released: 0, skipped: 21 });
  await feedApp.app.runDueJobs();
  expect((await feedApp.articles())['f7']?.state).toBe('released');
});

test('articles of one arrival that are held for two reasons make two holds, and each says how many it covers', async () => {
  const feedApp = await openFeedTestApp();
  const { app } = feedApp;
  await feedApp.follow();
  feedApp.addToFeed(
    ...[40, 50, 60].map((days) =>
      articleHoursAgo(app, days * 24, { id: `old${days}`, title: `From day ${days}` }),
    ),
    { id: 'empty', title: 'A title', text: '' },
  );
  await feedApp.poll();
  expect(
    (await holds(feedApp))
      .map((hold) => [hold.code, describeHold(hold, operatorWords), hold.count])
      .toSorted(),
  ).toEqual([
    ['empty', 'One article has a title, but neither text nor picture.', 1],
    ['old', '3 articles are dated more than 30 days ago.', 3],
  ]);
  const since = app.context.now();
  expect(await listUndecidedHolds(app.context.db, since)).toHaveLength(2);
  expect(await listUndecidedHolds(app.context.db, new Date(since.getTime() + 1))).toEqual([]);
});

test('an article with a future date waits for it, up to a week; one further in the future is held', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { app } = feedApp;
  await feedApp.follow();
  feedApp.addToFeed(
    articleHoursAgo(app, -48, { id: 'soon', title: 'In two days' }),
    articleHoursAgo(app, -24 * 8, { id: 'far', title: 'In eight days' }),
    articleHoursAgo(app, -0.1, { id: 'minutes', title: 'In six minutes' }),
  );
  await feedApp.poll();
  const { soon, far, minutes } = await feedApp.articles();
  const now = app.context.now().getTime();
  expect([soon?.state, soon?.releaseAt.getTime()]).toEqual(['waiting', now + 2 * DAY_MS]);
  expect([far?.state, far && describeArticleHold(far, operatorWords)]).toEqual([
    'held',
    'It is dated more than 7 days from now.',
  ]);
  expect(minutes?.releaseAt.getTime()).toBe(now + 10 * MINUTE_MS);

  // Its publisher moves the date to an earlier one.
  for (const one of feedApp.server.articles) if (one.id === 'soon') one.date = new Date(now + HOUR_MS);
  await feedApp.poll();
  app.advanceClock(HOUR_MS);
  await feedApp.runScheduledJob('release-due');
  expect((await feedApp.articles())['soon']?.state).toBe('released');
});

test('an article that vanishes before its release is retracted, and when it reappears waits out the rest of its hold window', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { app, server } = feedApp;
  feedApp.addToFeed(articleHoursAgo(app, 30, { id: 'old', title: 'Old' }));
  await feedApp.follow();
  const wrong = articleHoursAgo(app, 1, { id: 'wrong', title: 'Wrong' });
  feedApp.addToFeed(wrong);
  await feedApp.poll();
  app.advanceClock(3 * MINUTE_MS);
  server.articles.shift();
  await feedApp.poll();
  const gone = (await feedApp.articles())['wrong'];
  expect(gone).toMatchObject({ state: 'retracted', retraction: 'vanished' });
  expect(gone && describeArticleHold(gone, operatorWords)).toBe(
    'It vanished from its feed before it was released.',
  );
  app.advanceClock(3 * MINUTE_MS);
  feedApp.addToFeed({ ...wrong, title: 'Right' });
  await feedApp.poll();
  app.advanceClock(3 * MINUTE_MS);
  await feedApp.runScheduledJob('release-due');
  expect((await feedApp.articles())['wrong']?.state).toBe('waiting');
  app.advanceClock(MINUTE_MS);
  await feedApp.runScheduledJob('release-due');
  const back = { state: 'released', title: 'Right', retraction: null, holdReason: null, seq: 1 };
  expect((await feedApp.articles())['wrong']).toMatchObject(back);
  server.articles.shift();
  await feedApp.poll();
  expect((await feedApp.articles())['wrong']?.state).toBe('released');
});

test('an article that only dropped off the end of its feed, or whose feed is empty, is not retracted', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 60 });
  const { app, server } = feedApp;
  const pinned = articleHoursAgo(app, 900, { id: 'pinned', title: 'Read this first' });
  server.articles.push(pinned, articleHoursAgo(app, 20, { id: 'a', title: 'A' }));
  await feedApp.follow();
  server.articles.splice(1, 1, articleHoursAgo(app, 3, { id: 'b', title: 'B' }));
  await feedApp.poll();
  server.articles.splice(
    1,
    1,
    articleHoursAgo(app, 2, { id: 'c', title: 'C' }),
    articleHoursAgo(app, 1, { id: 'd', title: 'D' }),
  );
  await feedApp.poll();
  server.articles.splice(0);
  await feedApp.poll();
  const { b, c, d } = await feedApp.articles();
  expect([b?.state, c?.state, d?.state]).toEqual(['waiting', 'waiting', 'waiting']);
});

test('a held article that vanishes leaves its hold, and returns to it when it reappears', async () => {
  const feedApp = await openFeedTestApp();
  const { app, server } = feedApp;
  feedApp.addToFeed(articleHoursAgo(app, 24 * 100, { id: 'older', title: 'Older' }));
  await feedApp.follow();
  feedApp.addToFeed(articleHoursAgo(app, 24 * 50, { id: 'old', title: 'Old' }));
  await feedApp.poll();
  const [before] = server.articles.splice(0, 1);
  await feedApp.poll();
  expect(await holds(feedApp)).toEqual([]);
  if (before !== undefined) feedApp.addToFeed(before);
  await feedApp.poll();
  expect(await holds(feedApp)).toMatchObject([{ code: 'old', count: 1 }]);
});

test('an article that an operator retracted stays so, whatever its feed shows', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  await retractArticle(feedApp.app.context, (await feedApp.articles())['a']?.id ?? '');
  feedApp.server.articles[0] = { id: 'a', title: 'A, corrected' };
  await feedApp.poll();
  feedApp.app.advanceClock(HOUR_MS);
  await feedApp.runScheduledJob('release-due');
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'retracted', title: 'A', seq: null });
});

test('an article restored after its release gets a new number if nobody was mailed it, else keeps its own', async () => {
  const feedApp = await openFeedTestApp();
  const { app } = feedApp;
  await createConfirmedReader(app, 'ben@example.com', { cadence: 'daily' });
  await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  await app.runDueJobs();
  const id = (await feedApp.articles())['a']?.id ?? '';
  await retractArticle(app.context, id);
  feedApp.addToFeed({ id: 'b', title: 'B' });
  await feedApp.poll();
  await app.runDueJobs();
  app.advanceClock(DAY_MS);
  await feedApp.runScheduledJob('plan-due');
  // Ben's watermark is above 1 now: only a new number reaches him.
  expect(await releaseOrRestoreArticle(app.context, id)).toMatchObject({ kind: 'done' });
  await app.runDueJobs();
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'released', seq: 3 });
  app.advanceClock(DAY_MS);
  await feedApp.runScheduledJob('plan-due');
  await retractArticle(app.context, id);
  expect(await releaseOrRestoreArticle(app.context, id)).toMatchObject({ kind: 'done' });
  expect(await releaseOrRestoreArticle(app.context, id)).toEqual({ kind: 'too-late' });
  await app.runDueJobs();
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'released', seq: 3 });
  app.advanceClock(DAY_MS);
  await feedApp.runScheduledJob('plan-due');
  const subjects = (await readMails(app)).slice(2).map(({ subject }) => subject);
  expect(subjects).toHaveLength(2);
});

test('a feed of 500 that says nothing new costs a handful of statements and changes no article', async () => {
  const feedApp = await openFeedTestApp();
  const { app } = feedApp;
  feedApp.addToFeed(
    ...Array.from({ length: 500 }, (_, at) =>
      articleHoursAgo(app, at, { id: `n${at}`, title: `Number ${at}` }),
    ),
  );
  const { id } = await feedApp.follow();
  await feedApp.poll();
  const before = await app.context.db.many(sql`select id, xmin::text from articles order by id`);
  const asked: string[] = [];
  const { db } = app.context;
  const counted: typeof db = {
    ...db,
    transaction: (work) =>
      db.transaction((tx) =>
        work(new Proxy(tx, { get: (all, name) => (asked.push(String(name)), Reflect.get(all, name)) })),
      ),
  };
  await db.run(sql`update feeds set etag = null`);
  expect(await pollFeed({ ...app.context, db: counted }, id)).toMatchObject({ found: 500, added: 0 });
  expect(asked.length).toBeLessThanOrEqual(7);
  expect(await db.many(sql`select id, xmin::text from articles order by id`)).toEqual(before);
});

/** A feed with so many new ones at once, `f1` the newest. */
async function flood(feedApp: FeedTestApp, count: number): Promise<void> {
  await feedApp.follow();
  const articles = Array.from({ length: count }, (_, at): FeedArticle =>
    articleHoursAgo(feedApp.app, at + 1, { id: `f${at + 1}`, title: `Flood ${at + 1}` }),
  );
  feedApp.server.articles.push(...articles);
  await feedApp.poll();
}

function holds({ app, publication }: FeedTestApp): Promise<ArticleHold[]> {
  return listHolds(app.context.db, { publicationId: publication.id, before: undefined, limit: 100 });
}

async function count(feedApp: FeedTestApp, state: Article['state']): Promise<number> {
  return Object.values(await feedApp.articles()).filter((article) => article.state === state).length;
}
