import { describeArticleHold } from '../../../src/articles/release/describe-hold.js';
import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Article } from '../../../src/articles/article.js';
import { holdArticle, releaseArticle, skipArticle } from '../../../src/articles/release/decide-article.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { releaseDueArticles } from '../../../src/articles/release/release-due.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewPublication } from '../../../src/publications/publication.js';
import { archive, createConfirmedReader, readMails } from '../../support/reader-actions.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { removeFeed } from '../../../src/articles/feeds/change-feeds.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('an article waits out its hold window, to the minute, and is released once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  await room.app.runDueJobs();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  room.app.advanceClock(10 * MINUTE_MS - 1);
  expect(await room.runScheduledJob('release-due')).toEqual([]);
  expect((await room.articles())['a']).toMatchObject({ state: 'waiting', seq: null });
  room.app.advanceClock(1);
  expect(await room.runScheduledJob('release-due')).toEqual(['release-articles', 'plan-instant']);
  expect((await room.articles())['a']).toMatchObject({ state: 'released', seq: 1 });
  expect(await room.runScheduledJob('release-due')).toEqual([]);
  expect(await releaseDueArticles(room.app.context, room.publication.id)).toEqual({ released: 0 });
});

test('numbers follow the dates of the articles, and have no gaps, also over several releases', async () => {
  const room = await newsroom();
  const { app } = room;
  await room.follow();
  room.addToFeed(
    articleHoursAgo(app, 5, { id: 'third', title: 'Third' }),
    articleHoursAgo(app, 7, { id: 'first', title: 'First' }),
    articleHoursAgo(app, 6, { id: 'second', title: 'Second' }),
  );
  await room.poll();
  await app.runDueJobs();
  room.addToFeed(articleHoursAgo(app, 9, { id: 'late', title: 'Late' }), {
    id: 'undated',
    title: 'Undated',
  });
  await room.poll();
  await app.runDueJobs();
  expect(await numbers(room)).toEqual({ first: 1, second: 2, third: 3, late: 4, undated: 5 });
});

test('releases at the same moment give every number once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { app, publication } = room;
  await room.follow();
  for (let round = 0; round < 5; round += 1) {
    for (let number = 0; number < 4; number += 1) {
      room.addToFeed(
        articleHoursAgo(app, 1 - number / 10, { id: `${round}-${number}`, title: `${round} ${number}` }),
      );
    }
    await room.poll();
    app.advanceClock(10 * MINUTE_MS);
    const together = [1, 2, 3].map(() => releaseDueArticles(app.context, publication.id));
    const released = (await Promise.all(together)).map((each) => each.released);
    expect(released.toSorted()).toEqual([0, 0, 4]);
  }
  const inOrder = Object.entries(await numbers(room)).toSorted(([, a], [, b]) => Number(a) - Number(b));
  expect(inOrder.map(([, seq]) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(inOrder.map(([id]) => id)).toEqual(inOrder.map(([id]) => id).toSorted());
});

test('an operator lets one go at once, stops one, and marks one as sent; each word counts once', async () => {
  const room = await newsroom({ holdMinutes: 60 });
  const { context } = room.app;
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed({ id: 'go', title: 'Go' }, { id: 'stop', title: 'Stop' }, { id: 'sent', title: 'Sent' });
  await room.poll();
  const { go, stop, sent } = await room.articles();
  const done = { kind: 'done', publicationId: room.publication.id };
  expect(await releaseArticle(context, idOf(go))).toEqual(done);
  expect(await holdArticle(context, idOf(stop))).toEqual(done);
  expect(await skipArticle(context, idOf(sent))).toEqual(done);
  await room.app.runDueJobs();
  const tooLate = { kind: 'too-late' };
  expect(await releaseArticle(context, idOf(go))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(go))).toEqual(tooLate);
  expect(await holdArticle(context, idOf(stop))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, room.publication.id)).toEqual(tooLate);

  room.app.advanceClock(61 * MINUTE_MS);
  await room.runScheduledJob('release-due');
  const states = Object.values(await room.articles()).map((article) => [
    article.externalId,
    article.state,
    describeArticleHold(article, operatorWords),
  ]);
  expect(states.toSorted()).toEqual([
    ['go', 'released', null],
    ['sent', 'skipped', null],
    ['stop', 'held', 'An operator held it.'],
  ]);
  const mails = (await readMails(room.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['Go']);
});

test('a newsletter that has stopped releases nothing', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  await archive(room.app, room.publication.id);
  room.app.advanceClock(10 * MINUTE_MS);
  await room.runScheduledJob('release-due');
  expect((await room.articles())['a']?.state).toBe('waiting');
});

test('a feed that is removed before the hold window is over still has its article mailed', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { id } = await room.follow();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  await removeFeed(room.app.context, id);
  room.app.advanceClock(10 * MINUTE_MS);
  await room.runScheduledJob('release-due');
  expect((await room.articles())['a']?.state).toBe('released');
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];

type Happening =
  | { kind: 'shows'; ids: string[] }
  | { kind: 'polls'; times: number }
  | { kind: 'comes back'; includeNewest: number }
  | { kind: 'released by hand'; id: string }
  | { kind: 'time passes'; minutes: number };

/** What may happen to a feed, in any order. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('shows' as const), ids: fc.subarray(ids) }),
  fc.record({ kind: fc.constant('polls' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('comes back' as const), includeNewest: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant('released by hand' as const), id: fc.constantFrom(...ids) }),
  fc.record({ kind: fc.constant('time passes' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
);

test('whatever a feed shows and however it is polled, every item is released and planned at most once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await createConfirmedReader(room.app, 'ana@example.com');
  await room.follow();
  let stories = 0;
  const story = fc.array(happening, { minLength: 3, maxLength: 12 });
  const lives = fc.asyncProperty(story, async (events) => {
    stories += 1; // every story has ids of its own, so that one room serves them all
    for (const event of events) await live(room, event, `-${stories}`);
    const before = await numbers(room);
    room.app.advanceClock(30 * MINUTE_MS);
    await room.runScheduledJob('release-due');
    const after = await numbers(room);
    expect(after).toMatchObject(before);
    const given = Object.values(after).toSorted((a, b) => a - b);
    expect(given).toEqual(given.map((_, index) => index + 1));
  });
  await fc.assert(lives, { numRuns: 20 });
  for (let day = 0; day < 3; day += 1) {
    room.app.advanceClock(DAY_MS);
    await room.runScheduledJob('plan-due');
  }
  const released = Object.keys(await numbers(room));
  expect(released.length).toBeGreaterThan(10);
  expect((await plannedItems(room)).toSorted()).toEqual(released.toSorted());
}, 60_000);

async function live(room: FeedTestApp, event: Happening, story: string): Promise<unknown> {
  const { app, server } = room;
  switch (event.kind) {
    case 'shows':
      server.articles.splice(0);
      return room.addToFeed(...event.ids.map((id) => ({ id: id + story, title: `Article ${id}${story}` })));
    case 'polls': {
      const { id } = await room.feed();
      return Promise.all(Array.from({ length: event.times }, () => pollFeed(app.context, id)));
    }
    case 'comes back':
      await removeFeed(app.context, (await room.feed()).id);
      return room.follow(event.includeNewest);
    case 'released by hand': {
      const article = (await room.articles())[event.id + story];
      if (article !== undefined) await releaseArticle(app.context, article.id);
      return app.runDueJobs();
    }
    case 'time passes':
      app.advanceClock(event.minutes * MINUTE_MS);
      return room.runScheduledJob('release-due');
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
async function numbers(room: FeedTestApp): Promise<Record<string, number>> {
  const all = Object.values(await room.articles());
  return Object.fromEntries(all.flatMap(({ externalId, seq }) => (seq === null ? [] : [[externalId, seq]])));
}

function idOf(article: Article | undefined): string {
  return article?.id ?? '';
}

async function newsroom(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const room = await openFeedTestApp(settings);
  rooms.push(room);
  return room;
}
