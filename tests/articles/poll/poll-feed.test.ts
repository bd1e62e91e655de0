import { afterEach, expect, test } from '@jest/globals';
import { addFeed, moveFeed, removeFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pollSoon } from '../../../src/articles/feeds/poll-soon.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { listFeeds } from '../../../src/articles/feeds/reads.js';
import { archive } from '../../support/reader-actions.js';
import { openFeedTestApp, type FeedTestApp, closeFeedTestApps } from '../../support/feed-test-app.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';

afterEach(closeFeedTestApps);

test('a feed that has not changed is asked for with its validator, and nothing is read again', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  const { etag } = await feedApp.follow();
  expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
  expect(await feedApp.poll()).toEqual({ kind: 'not-modified' });
  const [first, second] = feedApp.server.requests;
  expect([first?.headers['if-none-match'], second?.headers['if-none-match']]).toEqual([undefined, etag]);
  feedApp.addToFeed({ id: 'b', title: 'B' });
  expect(await feedApp.poll()).toMatchObject({ kind: 'polled', added: 1 });
});

test('feeds are polled every ten minutes, each enqueued once, however often the schedule runs', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await feedApp.app.runDueJobs();
  const asked = () => feedApp.server.requests.length;
  const before = asked();
  expect(await feedApp.runScheduledJob('poll-due')).toEqual([]);
  feedApp.app.advanceClock(10 * MINUTE_MS);
  await feedApp.app.handlers['poll-due']({});
  expect(await feedApp.runScheduledJob('poll-due')).toEqual(['poll-feed']);
  expect(asked()).toBe(before + 1);
});

test('a failing feed says why, is polled less and less often, and as before once it answers again', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.server.setResponse('/feed.xml', { status: 503 });
  const { host } = new URL(feedApp.server.url);
  const failure = { code: 'status', host, status: 503 };
  expect(await feedApp.poll()).toEqual({ kind: 'failed', failure });
  const since = feedApp.app.context.now();
  expect(await feedApp.feed()).toMatchObject({ failure, failingSince: since });
  const waits = [];
  for (let look = 0; look < 25; look += 1) {
    const failing = (feedApp.app.context.now().getTime() - since.getTime()) / MINUTE_MS;
    const [wait, least] = [await minutesToNextPoll(feedApp), Math.min(Math.max(failing / 2, 10), 24 * 60)];
    waits.push({ wait, fits: wait >= least && wait <= least * 1.2 });
    feedApp.app.advanceClock(wait * MINUTE_MS);
    await feedApp.runScheduledJob('poll-due');
  }
  expect(waits.filter(({ fits }) => !fits)).toEqual([]);
  expect(waits[0]?.wait).toBeLessThan(15);
  expect(waits.at(-1)?.wait).toBeGreaterThanOrEqual(24 * 60);
  expect((await feedApp.feed()).failingSince).toEqual(since);

  feedApp.server.setResponse('/feed.xml', undefined);
  feedApp.addToFeed({ id: 'back', title: 'We are back' });
  feedApp.app.advanceClock(29 * HOUR_MS);
  await feedApp.runScheduledJob('poll-due');
  expect(await feedApp.feed()).toMatchObject({ failure: null, failingSince: null });
  expect(await minutesToNextPoll(feedApp)).toBe(10);
  expect((await feedApp.articles())['back']?.state).toBe('released');
});

test('a server’s Retry-After is obeyed, for a day at most', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  for (const [seconds, minutes] of [
    ['5', 10],
    ['7200', 120],
    ['99999999', 24 * 60],
  ] as const) {
    feedApp.server.setResponse('/feed.xml', { status: 429, headers: { 'retry-after': seconds } });
    await feedApp.poll();
    expect(Math.floor(await minutesToNextPoll(feedApp))).toBeGreaterThanOrEqual(minutes);
    expect(await minutesToNextPoll(feedApp)).toBeLessThanOrEqual(Math.max(minutes, 12));
  }
});

test('a feed that moved for good is followed there; one that moved for now is not', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  const { origin, url } = feedApp.server;
  const article = { id: 'a', title: 'A' };
  feedApp.server.setResponse('/old', { status: 302, headers: { location: '/feed.xml' } });
  await moveFeed(feedApp.app.context, (await feedApp.feed()).id, `${origin}/old`);
  expect(await feedApp.poll()).toMatchObject({ kind: 'polled' });
  expect((await feedApp.feed()).url).toBe(`${origin}/old`);
  feedApp.server.setResponse('/old', { status: 301, headers: { location: '/older' } });
  feedApp.server.setResponse('/older', { status: 308, headers: { location: url } });
  feedApp.addToFeed(article);
  expect(await feedApp.poll()).toMatchObject({ kind: 'polled', added: 1 });
  expect((await feedApp.feed()).url).toBe(url);
  expect(await feedApp.poll()).toEqual({ kind: 'not-modified' });
});

test('two feeds of a publication that become one address are both still read', async () => {
  const feedApp = await openFeedTestApp();
  const { origin, url } = feedApp.server;
  const { context } = feedApp.app;
  await feedApp.follow();
  feedApp.server.setResponse('/other', { status: 301, headers: { location: url } });
  const other = await addFeed(context, {
    publicationId: feedApp.publication.id,
    url: `${origin}/other`,
    includeNewest: 0,
  });
  if (other.kind !== 'added') throw new Error('The other feed was not added');
  expect(await pollFeed(context, other.feedId)).toMatchObject({ kind: 'polled' });
  const urls = (await listFeeds(context.db, feedApp.publication.id)).map((feed) => feed.url);
  expect(urls).toEqual([url, `${origin}/other`]);
});

test('the failure says whether an address is gone, forbidden or no feed', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.server.setResponse('/feed.xml', { status: 410 });
  const gone = { code: 'gone' };
  expect(await feedApp.poll()).toEqual({ kind: 'failed', failure: gone });
  expect(await feedApp.feed()).toMatchObject({ failure: gone });
  feedApp.server.setResponse('/feed.xml', { status: 302, headers: { location: 'http://10.0.0.1/feed.xml' } });
  expect(await feedApp.poll()).toEqual({
    kind: 'failed',
    failure: { code: 'private-address', host: '10.0.0.1' },
  });
  feedApp.server.setResponse('/feed.xml', {
    status: 200,
    body: '<!doctype html><title>A page</title><p>Hello</p>',
  });
  const noFeed = { code: 'web-page' };
  expect(await feedApp.poll()).toEqual({ kind: 'failed', failure: noFeed });
  expect(await feedApp.feed()).toMatchObject({ failure: noFeed });
  expect(await feedApp.articles()).toEqual({});
});

test('a bot check is named, refused or sent as a page, and the feed is taken up again once it lets us through', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.follow();
  const { host } = new URL(feedApp.server.url);
  const check = '<!doctype html><html><head><title>Just a moment...</title></head><body></body></html>';
  for (const status of [403, 429, 503, 200]) {
    feedApp.server.setResponse('/feed.xml', { status, body: check, headers: { 'retry-after': '7200' } });
    const failure = { code: 'bot-check', host, status, service: 'Cloudflare' };
    expect(await feedApp.poll()).toEqual({ kind: 'failed', failure });
    expect(await feedApp.feed()).toMatchObject({ failure });
    expect(await minutesToNextPoll(feedApp)).toBe(120);
  }
  feedApp.server.setResponse('/feed.xml', { status: 403, body: '', headers: { server: 'AkamaiGHost' } });
  const refused = { code: 'status', host, status: 403, network: 'Akamai' };
  expect(await feedApp.poll()).toEqual({ kind: 'failed', failure: refused });
  feedApp.server.setResponse('/feed.xml', undefined);
  feedApp.addToFeed({ id: 'b', title: 'B' });
  expect(await feedApp.poll()).toMatchObject({ kind: 'polled', added: 1 });
});

test('a feed that is gone for good (410) is not polled until somebody asks for it, and is followed again when it answers', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await feedApp.app.runDueJobs();
  feedApp.server.setResponse('/feed.xml', { status: 410 });
  await feedApp.poll();
  const gone = await feedApp.feed();
  expect(gone.goneAt).toEqual(feedApp.app.context.now());
  feedApp.app.advanceClock(30 * 24 * HOUR_MS);
  expect(await feedApp.runScheduledJob('poll-due')).not.toContain('poll-feed');
  feedApp.server.setResponse('/feed.xml', undefined);
  feedApp.addToFeed({ id: 'back', title: 'We are back' });
  await pollSoon(feedApp.app.context, gone);
  expect(await feedApp.app.runDueJobs()).toContain('poll-feed');
  expect(await feedApp.feed()).toMatchObject({ goneAt: null, failingSince: null, failure: null });
  expect(Object.keys(await feedApp.articles())).toContain('back');
});

test('a poll that somebody asks for happens at once, and another not within half a minute', async () => {
  const feedApp = await openFeedTestApp();
  const feed = await feedApp.follow();
  const looks = () => feedApp.server.requests.length;
  const before = looks();
  feedApp.app.advanceClock(31_000);
  await pollSoon(feedApp.app.context, feed);
  await pollSoon(feedApp.app.context, feed);
  await feedApp.app.runDueJobs();
  expect(looks()).toBe(before + 1);
  await pollSoon(feedApp.app.context, await feedApp.feed());
  expect(await feedApp.runScheduledJob('poll-due')).toEqual([]);
  feedApp.app.advanceClock(30_000);
  expect(await feedApp.runScheduledJob('poll-due')).toEqual(['poll-feed']);
  expect(looks()).toBe(before + 2);
});

test('a feed is polled as often as it publishes, and not more often than its server allows', async () => {
  const feedApp = await openFeedTestApp();
  const now = feedApp.app.context.now().getTime();
  const dates = Array.from({ length: 5 }, (_, at) => new Date(now - at * 4 * HOUR_MS));
  feedApp.addToFeed(...dates.map((date, at) => ({ id: `${at}`, title: `Number ${at}`, date })));
  expect((await feedApp.follow()).pollMinutes).toBe(30);
  expect(await minutesToNextPoll(feedApp)).toBe(30);
  feedApp.app.advanceClock(30 * MINUTE_MS);
  expect(await feedApp.poll()).toEqual({ kind: 'not-modified' });
  expect(await minutesToNextPoll(feedApp)).toBe(30);
});

test('an invalid address is refused, and a feed is added once', async () => {
  const feedApp = await openFeedTestApp();
  const { context } = feedApp.app;
  const add = (url: string) =>
    addFeed(context, { publicationId: feedApp.publication.id, url, includeNewest: 0 });
  for (const url of ['', 'feed', 'ftp://paper.example/feed', 'javascript:alert(1)']) {
    expect(await add(url)).toEqual({ kind: 'not-an-address' });
  }
  const answers = await Promise.all([1, 2, 3].map(() => add(feedApp.server.url)));
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['added', 'known', 'known']);
  expect(await add(feedApp.server.url.replace('http:', 'HTTP:'))).toEqual({ kind: 'known' });
});

test('a removed feed is not polled; when it is added again, what it brought is not mailed again', async () => {
  const feedApp = await openFeedTestApp();
  const { context } = feedApp.app;
  const { id } = await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' });
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  expect(await removeFeed(context, id)).toEqual({ removed: true });
  expect(await removeFeed(context, id)).toEqual({ removed: false });
  expect(await pollFeed(context, id)).toEqual({ kind: 'no-such-feed' });
  feedApp.app.advanceClock(HOUR_MS);
  expect(await feedApp.runScheduledJob('poll-due')).toEqual([]);

  feedApp.addToFeed({ id: 'b', title: 'B' });
  const back = await feedApp.follow(5);
  await feedApp.app.runDueJobs();
  expect(back.id).toBe(id);
  const { a, b } = await feedApp.articles();
  expect([a?.seq, b?.seq]).toEqual([1, 2]);
});

test('the address of a page leads to the feed it names; a feed that was removed comes back only by its own address', async () => {
  const feedApp = await openFeedTestApp();
  const { context } = feedApp.app;
  const { origin, url } = feedApp.server;
  const link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">';
  const body = `<!doctype html><html><head><title>The Paper</title>${link}</head><body>News</body></html>`;
  feedApp.server.setResponse('/', { status: 200, headers: { 'content-type': 'text/html' }, body });
  feedApp.addToFeed({ id: 'a', title: 'A' });
  const feed = await feedApp.follow(1, `${origin}/`);
  expect(feed).toMatchObject({ url, title: 'The Paper', firstPollDone: true, failure: null });
  await feedApp.app.runDueJobs();
  expect((await feedApp.articles())['a']).toMatchObject({ state: 'released', seq: 1 });

  await removeFeed(context, feed.id);
  const page = await feedApp.follow(1, `${origin}/`);
  expect(page).toMatchObject({
    url: `${origin}/`,
    failure: { code: 'web-page', linkedFeeds: { kind: 'followed-before', url } },
  });
  await removeFeed(context, page.id);
  expect(await feedApp.follow(1)).toMatchObject({ id: feed.id, failure: null });
  await feedApp.app.runDueJobs();
  expect(Object.keys(await feedApp.articles())).toEqual(['a']);
});

test('a feed that its adder polls at once is polled by no worker for a minute, and by one after that', async () => {
  const feedApp = await openFeedTestApp();
  const { app, publication, server } = feedApp;
  const feed = { publicationId: publication.id, url: server.url, includeNewest: 0, callerPolls: true };
  expect(await addFeed(app.context, feed)).toMatchObject({ kind: 'added' });
  expect(await feedApp.runScheduledJob('poll-due')).toEqual([]);
  expect(server.requests).toEqual([]);
  app.advanceClock(60_000);
  expect(await feedApp.runScheduledJob('poll-due')).toContain('poll-feed');
  expect(server.requests).toHaveLength(1);
});

test('two first polls of a page at one moment both lead to its feed', async () => {
  const feedApp = await openFeedTestApp();
  const { context } = feedApp.app;
  const { origin, url } = feedApp.server;
  const body = '<html><link rel="alternate" type="application/rss+xml" href="/feed.xml"></html>';
  feedApp.server.setResponse('/', { status: 200, headers: { 'content-type': 'text/html' }, body });
  const added = await addFeed(context, {
    publicationId: feedApp.publication.id,
    url: `${origin}/`,
    includeNewest: 0,
  });
  if (added.kind !== 'added') throw new Error('The feed was not added');
  // Both have read the page before either has stored the feed's address.
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
  expect(await feedApp.feed()).toMatchObject({ url, failure: null, failingSince: null });
});

test('a feed that was removed while it failed comes back without its old failure', async () => {
  const feedApp = await openFeedTestApp();
  const { id } = await feedApp.follow();
  feedApp.server.setResponse('/feed.xml', { status: 500 });
  await feedApp.poll();
  await removeFeed(feedApp.app.context, id);
  feedApp.app.advanceClock(100 * HOUR_MS);
  await feedApp.follow();
  expect((await feedApp.feed()).failingSince).toEqual(feedApp.app.context.now());
  expect(await minutesToNextPoll(feedApp)).toBeLessThanOrEqual(12);
});

test('the feeds of an archived newsletter are not polled', async () => {
  const feedApp = await openFeedTestApp();
  const { id } = await feedApp.follow();
  await archive(feedApp.app, feedApp.publication.id);
  const before = feedApp.server.requests.length;
  expect(await pollFeed(feedApp.app.context, id)).toEqual({ kind: 'no-such-feed' });
  expect(feedApp.server.requests).toHaveLength(before);
});

async function minutesToNextPoll(feedApp: FeedTestApp): Promise<number> {
  const { nextPollAt } = await feedApp.feed();
  return (nextPollAt.getTime() - feedApp.app.context.now().getTime()) / MINUTE_MS;
}
