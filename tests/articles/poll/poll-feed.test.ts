import { afterEach, expect, test } from '@jest/globals';
import { addFeed, moveFeed, removeFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pollSoon } from '../../../src/articles/feeds/poll-soon.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { listFeeds } from '../../../src/articles/feeds/reads.js';
import { archive } from '../../support/reader-actions.js';
import { openFeedTestApp, type FeedTestApp } from '../../support/feed-test-app.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';

const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('a feed that has not changed is asked for with its validator, and nothing is read again', async () => {
  const room = await newsroom();
  room.addToFeed({ id: 'a', title: 'A' });
  const { etag } = await room.follow();
  expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
  expect(await room.poll()).toEqual({ kind: 'not-modified' });
  const [first, second] = room.server.requests;
  expect([first?.headers['if-none-match'], second?.headers['if-none-match']]).toEqual([undefined, etag]);
  room.addToFeed({ id: 'b', title: 'B' });
  expect(await room.poll()).toMatchObject({ kind: 'polled', added: 1 });
});

test('feeds are looked at every ten minutes, each promised once, however often the schedule runs', async () => {
  const room = await newsroom();
  await room.follow();
  await room.app.runDueJobs();
  const asked = () => room.server.requests.length;
  const before = asked();
  expect(await room.runScheduledJob('poll-due')).toEqual([]);
  room.app.advanceClock(10 * MINUTE_MS);
  await room.app.handlers['poll-due']({});
  expect(await room.runScheduledJob('poll-due')).toEqual(['poll-feed']);
  expect(asked()).toBe(before + 1);
});

test('a failing feed says why, is asked ever more rarely, and is as new when it answers again', async () => {
  const room = await newsroom();
  await room.follow();
  room.server.setResponse('/feed.xml', { status: 503 });
  const { host } = new URL(room.server.url);
  const failure = { code: 'status', host, status: 503 };
  expect(await room.poll()).toEqual({ kind: 'failed', failure });
  const since = room.app.context.now();
  expect(await room.feed()).toMatchObject({ failure, failingSince: since });
  const waits = [];
  for (let look = 0; look < 25; look += 1) {
    const failing = (room.app.context.now().getTime() - since.getTime()) / MINUTE_MS;
    const [wait, least] = [await minutesToNextPoll(room), Math.min(Math.max(failing / 2, 10), 24 * 60)];
    waits.push({ wait, fits: wait >= least && wait <= least * 1.2 });
    room.app.advanceClock(wait * MINUTE_MS);
    await room.runScheduledJob('poll-due');
  }
  expect(waits.filter(({ fits }) => !fits)).toEqual([]);
  expect(waits[0]?.wait).toBeLessThan(15);
  expect(waits.at(-1)?.wait).toBeGreaterThanOrEqual(24 * 60);
  expect((await room.feed()).failingSince).toEqual(since);

  room.server.setResponse('/feed.xml', undefined);
  room.addToFeed({ id: 'back', title: 'We are back' });
  room.app.advanceClock(29 * HOUR_MS);
  await room.runScheduledJob('poll-due');
  expect(await room.feed()).toMatchObject({ failure: null, failingSince: null });
  expect(await minutesToNextPoll(room)).toBe(10);
  expect((await room.articles())['back']?.state).toBe('released');
});

test('a server that names a time is not asked before, but nobody can put us off for more than a day', async () => {
  const room = await newsroom();
  await room.follow();
  for (const [seconds, minutes] of [
    ['5', 10],
    ['7200', 120],
    ['99999999', 24 * 60],
  ] as const) {
    room.server.setResponse('/feed.xml', { status: 429, headers: { 'retry-after': seconds } });
    await room.poll();
    expect(Math.floor(await minutesToNextPoll(room))).toBeGreaterThanOrEqual(minutes);
    expect(await minutesToNextPoll(room)).toBeLessThanOrEqual(Math.max(minutes, 12));
  }
});

test('a feed that moved for good is followed there; one that moved for now is not', async () => {
  const room = await newsroom();
  await room.follow();
  const { origin, url } = room.server;
  const article = { id: 'a', title: 'A' };
  room.server.setResponse('/old', { status: 302, headers: { location: '/feed.xml' } });
  await moveFeed(room.app.context, (await room.feed()).id, `${origin}/old`);
  expect(await room.poll()).toMatchObject({ kind: 'polled' });
  expect((await room.feed()).url).toBe(`${origin}/old`);
  room.server.setResponse('/old', { status: 301, headers: { location: '/older' } });
  room.server.setResponse('/older', { status: 308, headers: { location: url } });
  room.addToFeed(article);
  expect(await room.poll()).toMatchObject({ kind: 'polled', added: 1 });
  expect((await room.feed()).url).toBe(url);
  expect(await room.poll()).toEqual({ kind: 'not-modified' });
});

test('two feeds of a publication that become one address are both still read', async () => {
  const room = await newsroom();
  const { origin, url } = room.server;
  const { context } = room.app;
  await room.follow();
  room.server.setResponse('/other', { status: 301, headers: { location: url } });
  const other = await addFeed(context, {
    publicationId: room.publication.id,
    url: `${origin}/other`,
    includeNewest: 0,
  });
  if (other.kind !== 'added') throw new Error('The other feed was not added');
  expect(await pollFeed(context, other.feedId)).toMatchObject({ kind: 'polled' });
  const urls = (await listFeeds(context.db, room.publication.id)).map((feed) => feed.url);
  expect(urls).toEqual([url, `${origin}/other`]);
});

test('gone, forbidden by the guard, and no feed at all are told apart', async () => {
  const room = await newsroom();
  await room.follow();
  room.server.setResponse('/feed.xml', { status: 410 });
  const gone = { code: 'gone' };
  expect(await room.poll()).toEqual({ kind: 'failed', failure: gone });
  expect(await room.feed()).toMatchObject({ failure: gone });
  room.server.setResponse('/feed.xml', { status: 302, headers: { location: 'http://10.0.0.1/feed.xml' } });
  expect(await room.poll()).toEqual({
    kind: 'failed',
    failure: { code: 'private-address', host: '10.0.0.1' },
  });
  room.server.setResponse('/feed.xml', {
    status: 200,
    body: '<!doctype html><title>A page</title><p>Hello</p>',
  });
  const noFeed = { code: 'web-page' };
  expect(await room.poll()).toEqual({ kind: 'failed', failure: noFeed });
  expect(await room.feed()).toMatchObject({ failure: noFeed });
  expect(await room.articles()).toEqual({});
});

test('a feed that is gone for good is left alone until somebody asks for it, and is followed again when it answers', async () => {
  const room = await newsroom();
  await room.follow();
  await room.app.runDueJobs();
  room.server.setResponse('/feed.xml', { status: 410 });
  await room.poll();
  const gone = await room.feed();
  expect(gone.goneAt).toEqual(room.app.context.now());
  room.app.advanceClock(30 * 24 * HOUR_MS);
  expect(await room.runScheduledJob('poll-due')).not.toContain('poll-feed');
  room.server.setResponse('/feed.xml', undefined);
  room.addToFeed({ id: 'back', title: 'We are back' });
  await pollSoon(room.app.context, gone);
  expect(await room.app.runDueJobs()).toContain('poll-feed');
  expect(await room.feed()).toMatchObject({ goneAt: null, failingSince: null, failure: null });
  expect(Object.keys(await room.articles())).toContain('back');
});

test('whoever asks for a look gets one at once, and another not before half a minute', async () => {
  const room = await newsroom();
  const feed = await room.follow();
  const looks = () => room.server.requests.length;
  const before = looks();
  room.app.advanceClock(31_000);
  await pollSoon(room.app.context, feed);
  await pollSoon(room.app.context, feed);
  await room.app.runDueJobs();
  expect(looks()).toBe(before + 1);
  await pollSoon(room.app.context, await room.feed());
  expect(await room.runScheduledJob('poll-due')).toEqual([]);
  room.app.advanceClock(30_000);
  expect(await room.runScheduledJob('poll-due')).toEqual(['poll-feed']);
  expect(looks()).toBe(before + 2);
});

test('a feed is looked at in its own rhythm, and not more often than its server wishes', async () => {
  const room = await newsroom();
  const now = room.app.context.now().getTime();
  const dates = Array.from({ length: 5 }, (_, at) => new Date(now - at * 4 * HOUR_MS));
  room.addToFeed(...dates.map((date, at) => ({ id: `${at}`, title: `Number ${at}`, date })));
  expect((await room.follow()).pollMinutes).toBe(30);
  expect(await minutesToNextPoll(room)).toBe(30);
  room.app.advanceClock(30 * MINUTE_MS);
  expect(await room.poll()).toEqual({ kind: 'not-modified' });
  expect(await minutesToNextPoll(room)).toBe(30);
});

test('what is no address is not a feed, and a feed is added once', async () => {
  const room = await newsroom();
  const { context } = room.app;
  const add = (url: string) =>
    addFeed(context, { publicationId: room.publication.id, url, includeNewest: 0 });
  for (const url of ['', 'feed', 'ftp://paper.example/feed', 'javascript:alert(1)']) {
    expect(await add(url)).toEqual({ kind: 'not-an-address' });
  }
  const answers = await Promise.all([1, 2, 3].map(() => add(room.server.url)));
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['added', 'known', 'known']);
  expect(await add(room.server.url.replace('http:', 'HTTP:'))).toEqual({ kind: 'known' });
});

test('a removed feed is left alone; when it comes back, what it brought is not mailed again', async () => {
  const room = await newsroom();
  const { context } = room.app;
  const { id } = await room.follow();
  room.addToFeed({ id: 'a', title: 'A' });
  await room.poll();
  await room.app.runDueJobs();
  expect(await removeFeed(context, id)).toEqual({ removed: true });
  expect(await removeFeed(context, id)).toEqual({ removed: false });
  expect(await pollFeed(context, id)).toEqual({ kind: 'no-such-feed' });
  room.app.advanceClock(HOUR_MS);
  expect(await room.runScheduledJob('poll-due')).toEqual([]);

  room.addToFeed({ id: 'b', title: 'B' });
  const back = await room.follow(5);
  await room.app.runDueJobs();
  expect(back.id).toBe(id);
  const { a, b } = await room.articles();
  expect([a?.seq, b?.seq]).toEqual([1, 2]);
});

test('the address of a page leads to the feed it names, once; to one of earlier times only by its own address', async () => {
  const room = await newsroom();
  const { context } = room.app;
  const { origin, url } = room.server;
  const link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">';
  const body = `<!doctype html><html><head><title>The Paper</title>${link}</head><body>News</body></html>`;
  room.server.setResponse('/', { status: 200, headers: { 'content-type': 'text/html' }, body });
  room.addToFeed({ id: 'a', title: 'A' });
  const feed = await room.follow(1, `${origin}/`);
  expect(feed).toMatchObject({ url, title: 'The Paper', firstPollDone: true, failure: null });
  await room.app.runDueJobs();
  expect((await room.articles())['a']).toMatchObject({ state: 'released', seq: 1 });

  await removeFeed(context, feed.id);
  const page = await room.follow(1, `${origin}/`);
  expect(page).toMatchObject({
    url: `${origin}/`,
    failure: { code: 'web-page', linkedFeeds: { kind: 'followed-before', url } },
  });
  await removeFeed(context, page.id);
  expect(await room.follow(1)).toMatchObject({ id: feed.id, failure: null });
  await room.app.runDueJobs();
  expect(Object.keys(await room.articles())).toEqual(['a']);
});

test('who adds a feed to look at it at once is not joined by a worker, and relieved by one after a minute', async () => {
  const room = await newsroom();
  const { app, publication, server } = room;
  const feed = { publicationId: publication.id, url: server.url, includeNewest: 0, callerPolls: true };
  expect(await addFeed(app.context, feed)).toMatchObject({ kind: 'added' });
  expect(await room.runScheduledJob('poll-due')).toEqual([]);
  expect(server.requests).toEqual([]);
  app.advanceClock(60_000);
  expect(await room.runScheduledJob('poll-due')).toContain('poll-feed');
  expect(server.requests).toHaveLength(1);
});

test('a page that two look at for the first time at one moment leads both to its feed', async () => {
  const room = await newsroom();
  const { context } = room.app;
  const { origin, url } = room.server;
  const body = '<html><link rel="alternate" type="application/rss+xml" href="/feed.xml"></html>';
  room.server.setResponse('/', { status: 200, headers: { 'content-type': 'text/html' }, body });
  const added = await addFeed(context, {
    publicationId: room.publication.id,
    url: `${origin}/`,
    includeNewest: 0,
  });
  if (added.kind !== 'added') throw new Error('The feed was not added');
  // Both have read the page before either has moved the feed.
  const arrivals: (() => void)[] = [];
  const fetchPage: typeof context.fetchPage = async (...asked) => {
    const page = await context.fetchPage(...asked);
    await new Promise<void>((resolve) => {
      if (arrivals.push(resolve) >= 2) for (const arrive of arrivals) arrive();
    });
    return page;
  };
  const polls = await Promise.all([1, 2].map(() => pollFeed({ ...context, fetchPage }, added.feedId)));
  expect(polls.map(({ kind }) => kind)).toEqual(['polled', 'polled']);
  expect(await room.feed()).toMatchObject({ url, failure: null, failingSince: null });
});

test('a feed that was removed while it failed comes back without its old trouble', async () => {
  const room = await newsroom();
  const { id } = await room.follow();
  room.server.setResponse('/feed.xml', { status: 500 });
  await room.poll();
  await removeFeed(room.app.context, id);
  room.app.advanceClock(100 * HOUR_MS);
  await room.follow();
  expect((await room.feed()).failingSince).toEqual(room.app.context.now());
  expect(await minutesToNextPoll(room)).toBeLessThanOrEqual(12);
});

test('the feeds of a newsletter that has stopped are not read', async () => {
  const room = await newsroom();
  const { id } = await room.follow();
  await archive(room.app, room.publication.id);
  const before = room.server.requests.length;
  expect(await pollFeed(room.app.context, id)).toEqual({ kind: 'no-such-feed' });
  expect(room.server.requests).toHaveLength(before);
});

async function minutesToNextPoll(room: FeedTestApp): Promise<number> {
  const { nextPollAt } = await room.feed();
  return (nextPollAt.getTime() - room.app.context.now().getTime()) / MINUTE_MS;
}

async function newsroom(): Promise<FeedTestApp> {
  const room = await openFeedTestApp();
  rooms.push(room);
  return room;
}
