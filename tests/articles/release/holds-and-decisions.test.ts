import { describeArticleHold, describeHold } from '../../../src/articles/release/describe-hold.js';
import { afterEach, expect, test } from '@jest/globals';
import type { Article } from '../../../src/articles/article.js';
import { releaseArticle, retractArticle } from '../../../src/articles/release/decide-article.js';
import { listHolds, listUndecidedHolds } from '../../../src/articles/release/reads.js';
import type { ArticleHold } from '../../../src/articles/release/hold.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { releaseOrRestoreArticle } from '../../../src/deliveries/control/release-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewPublication } from '../../../src/publications/publication.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import type { FeedArticle } from '../../support/feed-server.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { decideHold } from '../../../src/articles/release/decide-hold.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { operatorWords } from '../../support/operator-words.js';

const NOBODY = '00000000-0000-7000-8000-000000000000';
const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('forty at once are one hold; released are the newest three, and the rest counts as sent', async () => {
  const room = await newsroom();
  const { app } = room;
  await createConfirmedReader(app, 'ana@example.com', { cadence: 'instant' });
  const mailed = app.smtp.messages.length;
  await flood(room, 40);
  const [hold, ...others] = await holds(room);
  expect(others).toEqual([]);
  expect(hold).toMatchObject({ code: 'flood', count: 40 });
  expect(hold && describeHold(hold, operatorWords)).toBe('40 new articles arrived at once.');
  const decisions = await Promise.all([1, 2].map(() => decideHold(app.context, hold?.id ?? '', 3)));
  expect(decisions.map(({ kind }) => kind).toSorted()).toEqual(['decided', 'nothing-held']);
  expect(decisions).toContainEqual({
    ...{ kind: 'decided', publicationId: room.publication.id, released: 3, skipped: 37 },
  });
  await app.runDueJobs();
  const mails = await readMails(app);
  expect(mails.slice(mailed).map(({ subject }) => subject)).toEqual(['Flood 3', 'Flood 2', 'Flood 1']);
  expect(await holds(room)).toEqual([]);
  expect(await pollAfresh(room)).toMatchObject({ added: 0 });
});

test.each([
  ['all', 25, 0],
  ['none', 0, 25],
  [30, 25, 0],
] as const)(
  'of twenty-five held, %s: %d are released and %d count as sent',
  async (choice, released, skipped) => {
    const room = await newsroom();
    await flood(room, 25);
    const [hold] = await holds(room);
    const { context } = room.app;
    expect(await decideHold(context, hold?.id ?? '', choice)).toMatchObject({ released, skipped });
    await room.app.runDueJobs();
    expect(await count(room, 'released')).toBe(released);
    expect(await count(room, 'skipped')).toBe(skipped);
    expect(await decideHold(context, NOBODY, choice)).toEqual({ kind: 'unknown' });
  },
);

test('one of many is released alone, and the hold is about the others', async () => {
  const room = await newsroom();
  await flood(room, 22);
  const { context } = room.app;
  await releaseArticle(context, (await room.articles())['f7']?.id ?? '');
  const [hold] = await holds(room);
  expect(hold?.count).toBe(21);
  expect(await decideHold(context, hold?.id ?? '', 'none')).toMatchObject({ released: 0, skipped: 21 });
  await room.app.runDueJobs();
  expect((await room.articles())['f7']?.state).toBe('released');
});

test('what arrives with two kinds of the unusual makes two holds, and each says how many it covers', async () => {
  const room = await newsroom();
  const { app } = room;
  await room.follow();
  room.addToFeed(
    ...[40, 50, 60].map((days) =>
      articleHoursAgo(app, days * 24, { id: `old${days}`, title: `From day ${days}` }),
    ),
    { id: 'empty', title: 'A title', text: '' },
  );
  await room.poll();
  expect(
    (await holds(room)).map((hold) => [hold.code, describeHold(hold, operatorWords), hold.count]).toSorted(),
  ).toEqual([
    ['empty', 'One article has a title, but neither text nor picture.', 1],
    ['old', '3 articles are dated more than 30 days ago.', 3],
  ]);
  const since = app.context.now();
  expect(await listUndecidedHolds(app.context.db, since)).toHaveLength(2);
  expect(await listUndecidedHolds(app.context.db, new Date(since.getTime() + 1))).toEqual([]);
});

test('a scheduled post that leaks waits for its date, up to a week; one further off is held', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { app } = room;
  await room.follow();
  room.addToFeed(
    articleHoursAgo(app, -48, { id: 'soon', title: 'In two days' }),
    articleHoursAgo(app, -24 * 8, { id: 'far', title: 'In eight days' }),
    articleHoursAgo(app, -0.1, { id: 'minutes', title: 'In six minutes' }),
  );
  await room.poll();
  const { soon, far, minutes } = await room.articles();
  const now = app.context.now().getTime();
  expect([soon?.state, soon?.releaseAt.getTime()]).toEqual(['waiting', now + 2 * DAY_MS]);
  expect([far?.state, far && describeArticleHold(far, operatorWords)]).toEqual([
    'held',
    'It is dated more than 7 days from now.',
  ]);
  expect(minutes?.releaseAt.getTime()).toBe(now + 10 * MINUTE_MS);

  // Its publisher brings it forward.
  for (const one of room.server.articles) if (one.id === 'soon') one.date = new Date(now + HOUR_MS);
  await room.poll();
  app.advanceClock(HOUR_MS);
  await room.runScheduledJob('release-due');
  expect((await room.articles())['soon']?.state).toBe('released');
});

test('an article that vanishes before its release is taken back, and comes back to what is left of its hold window', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { app, server } = room;
  room.addToFeed(articleHoursAgo(app, 30, { id: 'old', title: 'Old' }));
  await room.follow();
  const wrong = articleHoursAgo(app, 1, { id: 'wrong', title: 'Wrong' });
  room.addToFeed(wrong);
  await room.poll();
  app.advanceClock(3 * MINUTE_MS);
  server.articles.shift();
  await room.poll();
  const gone = (await room.articles())['wrong'];
  expect(gone).toMatchObject({ state: 'retracted', retraction: 'vanished' });
  expect(gone && describeArticleHold(gone, operatorWords)).toBe(
    'It vanished from its feed before it was released.',
  );
  app.advanceClock(3 * MINUTE_MS);
  room.addToFeed({ ...wrong, title: 'Right' });
  await room.poll();
  app.advanceClock(3 * MINUTE_MS);
  await room.runScheduledJob('release-due');
  expect((await room.articles())['wrong']?.state).toBe('waiting');
  app.advanceClock(MINUTE_MS);
  await room.runScheduledJob('release-due');
  const back = { state: 'released', title: 'Right', retraction: null, holdReason: null, seq: 1 };
  expect((await room.articles())['wrong']).toMatchObject(back);
  server.articles.shift();
  await room.poll();
  expect((await room.articles())['wrong']?.state).toBe('released');
});

test('an article that only rolled off the end of its feed, or whose feed came back empty, is not taken back', async () => {
  const room = await newsroom({ holdMinutes: 60 });
  const { app, server } = room;
  const pinned = articleHoursAgo(app, 900, { id: 'pinned', title: 'Read this first' });
  server.articles.push(pinned, articleHoursAgo(app, 20, { id: 'a', title: 'A' }));
  await room.follow();
  server.articles.splice(1, 1, articleHoursAgo(app, 3, { id: 'b', title: 'B' }));
  await room.poll();
  server.articles.splice(
    1,
    1,
    articleHoursAgo(app, 2, { id: 'c', title: 'C' }),
    articleHoursAgo(app, 1, { id: 'd', title: 'D' }),
  );
  await room.poll();
  server.articles.splice(0);
  await room.poll();
  const { b, c, d } = await room.articles();
  expect([b?.state, c?.state, d?.state]).toEqual(['waiting', 'waiting', 'waiting']);
});

test('a held article that vanishes leaves its hold, and comes back into it', async () => {
  const room = await newsroom();
  const { app, server } = room;
  room.addToFeed(articleHoursAgo(app, 24 * 100, { id: 'older', title: 'Older' }));
  await room.follow();
  room.addToFeed(articleHoursAgo(app, 24 * 50, { id: 'old', title: 'Old' }));
  await room.poll();
  const [before] = server.articles.splice(0, 1);
  await room.poll();
  expect(await holds(room)).toEqual([]);
  if (before !== undefined) room.addToFeed(before);
  await room.poll();
  expect(await holds(room)).toMatchObject([{ code: 'old', count: 1 }]);
});

test('what an operator took back stays so, whatever its feed shows', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  await retractArticle(room.app.context, (await room.articles())['a']?.id ?? '');
  room.server.articles[0] = { id: 'a', title: 'A, corrected' };
  await room.poll();
  room.app.advanceClock(HOUR_MS);
  await room.runScheduledJob('release-due');
  expect((await room.articles())['a']).toMatchObject({ state: 'retracted', title: 'A', seq: null });
});

test('brought back after its release, it has a new number where nobody was mailed it, else the one it had', async () => {
  const room = await newsroom();
  const { app } = room;
  await createConfirmedReader(app, 'ben@example.com', { cadence: 'daily' });
  await room.follow();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  await app.runDueJobs();
  const id = (await room.articles())['a']?.id ?? '';
  await retractArticle(app.context, id);
  room.addToFeed({ id: 'b', title: 'B' });
  await room.poll();
  await app.runDueJobs();
  app.advanceClock(DAY_MS);
  await room.runScheduledJob('plan-due');
  // Ben is past number 1 now: only a new one reaches him.
  expect(await releaseOrRestoreArticle(app.context, id)).toMatchObject({ kind: 'done' });
  await app.runDueJobs();
  expect((await room.articles())['a']).toMatchObject({ state: 'released', seq: 3 });
  app.advanceClock(DAY_MS);
  await room.runScheduledJob('plan-due');
  await retractArticle(app.context, id);
  expect(await releaseOrRestoreArticle(app.context, id)).toMatchObject({ kind: 'done' });
  expect(await releaseOrRestoreArticle(app.context, id)).toEqual({ kind: 'too-late' });
  await app.runDueJobs();
  expect((await room.articles())['a']).toMatchObject({ state: 'released', seq: 3 });
  app.advanceClock(DAY_MS);
  await room.runScheduledJob('plan-due');
  const subjects = (await readMails(app)).slice(2).map(({ subject }) => subject);
  expect(subjects).toHaveLength(2);
});

test('a feed of 500 that says nothing new costs a handful of statements and changes no article', async () => {
  const room = await newsroom();
  const { app } = room;
  room.addToFeed(
    ...Array.from({ length: 500 }, (_, at) =>
      articleHoursAgo(app, at, { id: `n${at}`, title: `Number ${at}` }),
    ),
  );
  const { id } = await room.follow();
  await room.poll();
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
async function flood(room: FeedTestApp, count: number): Promise<void> {
  await room.follow();
  const articles = Array.from({ length: count }, (_, at): FeedArticle =>
    articleHoursAgo(room.app, at + 1, { id: `f${at + 1}`, title: `Flood ${at + 1}` }),
  );
  room.server.articles.push(...articles);
  await room.poll();
}

function holds({ app, publication }: FeedTestApp): Promise<ArticleHold[]> {
  return listHolds(app.context.db, { publicationId: publication.id, before: undefined, limit: 100 });
}

async function count(room: FeedTestApp, state: Article['state']): Promise<number> {
  return Object.values(await room.articles()).filter((article) => article.state === state).length;
}

/** Looks at the feed as if it had changed. */
async function pollAfresh(room: FeedTestApp): ReturnType<FeedTestApp['poll']> {
  await room.app.context.db.run(sql`update feeds set etag = null`);
  return room.poll();
}

async function newsroom(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const room = await openFeedTestApp(settings);
  rooms.push(room);
  return room;
}
