import { describeArticleHold } from '../../../src/articles/release/describe-hold.js';
import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Article } from '../../../src/articles/article.js';
import { holdArticle, releaseArticle, skipArticle } from '../../../src/articles/release/decide-article.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { releaseDueArticles } from '../../../src/articles/release/release-due.js';
import { sql } from '../../../src/platform/db/sql.js';
import { archive, createConfirmedReader, readMails } from '../../support/reader-actions.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { removeFeed } from '../../../src/articles/feeds/change-feeds.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

afterEach(closeFeedTestApps);

test('an article waits out its hold window, to the minute, and is released once', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  await feedApp.follow();
  await feedApp.app.runDueJobs();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  feedApp.app.advanceClock(10 * MINUTE_MS - 1);
  expect(await feedApp.runScheduledJob('release-due')).toEqual([]);
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'waiting', seq: null });
  feedApp.app.advanceClock(1);
  expect(await feedApp.runScheduledJob('release-due')).toEqual(['release-articles', 'plan-instant']);
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'released', seq: 1 });
  expect(await feedApp.runScheduledJob('release-due')).toEqual([]);
  expect(await releaseDueArticles(feedApp.app.context, feedApp.publication.id)).toEqual({ released: 0 });
});

test('numbers follow the dates of the articles, and have no gaps, also over several releases', async () => {
  const feedApp = await openFeedTestApp();
  const { app } = feedApp;
  await feedApp.follow();
  feedApp.addToFeed(
    articleHoursAgo(app, 5, { id: 'third', title: 'Third' }),
    articleHoursAgo(app, 7, { id: 'first', title: 'First' }),
    articleHoursAgo(app, 6, { id: 'second', title: 'Second' }),
  );
  await feedApp.poll();
  await app.runDueJobs();
  feedApp.addToFeed(articleHoursAgo(app, 9, { id: 'late', title: 'Late' }), {
    id: 'undated',
    title: 'Undated',
  });
  await feedApp.poll();
  await app.runDueJobs();
  expect(await numbers(feedApp)).toEqual({ first: 1, second: 2, third: 3, late: 4, undated: 5 });
});

test('releases at the same moment give every number once', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { app, publication } = feedApp;
  await feedApp.follow();
  for (let round = 0; round < 5; round += 1) {
    for (let number = 0; number < 4; number += 1) {
      feedApp.addToFeed(
        articleHoursAgo(app, 1 - number / 10, { id: `${round}-${number}`, title: `${round} ${number}` }),
      );
    }
    await feedApp.poll();
    app.advanceClock(10 * MINUTE_MS);
    const together = [1, 2, 3].map(() => releaseDueArticles(app.context, publication.id));
    const released = (await Promise.all(together)).map((each) => each.released);
    expect(released.toSorted()).toEqual([0, 0, 4]);
  }
  const inOrder = Object.entries(await numbers(feedApp)).toSorted(([, a], [, b]) => Number(a) - Number(b));
  expect(inOrder.map(([, seq]) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(inOrder.map(([id]) => id)).toEqual(inOrder.map(([id]) => id).toSorted());
});

test('an operator releases one at once, holds one, and marks one as sent; each decision counts once', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 60 });
  const { context } = feedApp.app;
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed({ id: 'go', title: 'Go' }, { id: 'stop', title: 'Stop' }, { id: 'sent', title: 'Sent' });
  await feedApp.poll();
  const { go, stop, sent } = await feedApp.articles();
  const done = { kind: 'done', publicationId: feedApp.publication.id };
  expect(await releaseArticle(context, idOf(go))).toEqual(done);
  expect(await holdArticle(context, idOf(stop))).toEqual(done);
  expect(await skipArticle(context, idOf(sent))).toEqual(done);
  await feedApp.app.runDueJobs();
  const tooLate = { kind: 'too-late' };
  expect(await releaseArticle(context, idOf(go))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(go))).toEqual(tooLate);
  expect(await holdArticle(context, idOf(stop))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, feedApp.publication.id)).toEqual(tooLate);

  feedApp.app.advanceClock(61 * MINUTE_MS);
  await feedApp.runScheduledJob('release-due');
  const states = Object.values(await feedApp.articles()).map((article) => [
    article.externalId,
    article.state,
    describeArticleHold(article, operatorWords),
  ]);
  expect(states.toSorted()).toEqual([
    ['go', 'released', null],
    ['sent', 'skipped', null],
    ['stop', 'held', 'An operator held it.'],
  ]);
  const mails = (await readMails(feedApp.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['Go']);
});

test('an archived newsletter releases nothing', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  await archive(feedApp.app, feedApp.publication.id);
  feedApp.app.advanceClock(10 * MINUTE_MS);
  await feedApp.runScheduledJob('release-due');
  expect((await feedApp.articles())['a']?.state).toBe('waiting');
});

test('a feed that is removed before the hold window is over still has its article mailed', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { id } = await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  await removeFeed(feedApp.app.context, id);
  feedApp.app.advanceClock(10 * MINUTE_MS);
  await feedApp.runScheduledJob('release-due');
  expect((await feedApp.articles())['a']?.state).toBe('released');
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];

type Happening =
  | { kind: 'shows'; ids: string[] }
  | { kind: 'polls'; times: number }
  | { kind: 'comes back'; includeNewest: number }
  | { kind: 'released by hand'; id: string }
  | { kind: 'time passes'; minutes: number };

/** What may happen with a feed, in any order. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('shows' as const), ids: fc.subarray(ids) }),
  fc.record({ kind: fc.constant('polls' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('comes back' as const), includeNewest: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant('released by hand' as const), id: fc.constantFrom(...ids) }),
  fc.record({ kind: fc.constant('time passes' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
);

test('whatever a feed shows and however it is polled, every item is released and planned at most once', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  await feedApp.follow();
  let runs = 0;
  const story = fc.array(happening, { minLength: 3, maxLength: 12 });
  const lives = fc.asyncProperty(story, async (events) => {
    runs += 1; // each run has ids of its own, so that one application serves them all
    for (const event of events) await apply(feedApp, event, `-${runs}`);
    const before = await numbers(feedApp);
    feedApp.app.advanceClock(30 * MINUTE_MS);
    await feedApp.runScheduledJob('release-due');
    const after = await numbers(feedApp);
    expect(after).toMatchObject(before);
    const given = Object.values(after).toSorted((a, b) => a - b);
    expect(given).toEqual(given.map((_, index) => index + 1));
  });
  await fc.assert(lives, { numRuns: 20 });
  for (let day = 0; day < 3; day += 1) {
    feedApp.app.advanceClock(DAY_MS);
    await feedApp.runScheduledJob('plan-due');
  }
  const released = Object.keys(await numbers(feedApp));
  expect(released.length).toBeGreaterThan(10);
  expect((await plannedItems(feedApp)).toSorted()).toEqual(released.toSorted());
}, 60_000);

async function apply(feedApp: FeedTestApp, event: Happening, suffix: string): Promise<unknown> {
  const { app, server } = feedApp;
  switch (event.kind) {
    case 'shows':
      server.articles.splice(0);
      return feedApp.addToFeed(
        ...event.ids.map((id) => ({ id: id + suffix, title: `Article ${id}${suffix}` })),
      );
    case 'polls': {
      const { id } = await feedApp.feed();
      return Promise.all(Array.from({ length: event.times }, () => pollFeed(app.context, id)));
    }
    case 'comes back':
      await removeFeed(app.context, (await feedApp.feed()).id);
      return feedApp.follow(event.includeNewest);
    case 'released by hand': {
      const article = (await feedApp.articles())[event.id + suffix];
      if (article !== undefined) await releaseArticle(app.context, article.id);
      return app.runDueJobs();
    }
    case 'time passes':
      app.advanceClock(event.minutes * MINUTE_MS);
      return feedApp.runScheduledJob('release-due');
  }
}

/** The ids of all articles that were planned for readers, one for each time. */
async function plannedItems({ app }: FeedTestApp): Promise<string[]> {
  const rows = await app.context.db.many<{ externalId: string }>(sql`
    select a.external_id
      from deliveries d
      join variants v on v.id = d.variant_id
      join articles a on a.id = any(v.article_ids)
  `);
  return rows.map(({ externalId }) => externalId);
}

/** The numbers of the released articles. */
async function numbers(feedApp: FeedTestApp): Promise<Record<string, number>> {
  const all = Object.values(await feedApp.articles());
  return Object.fromEntries(all.flatMap(({ externalId, seq }) => (seq === null ? [] : [[externalId, seq]])));
}

function idOf(article: Article | undefined): string {
  return article?.id ?? '';
}
