import { afterEach, expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import { openFeedTestApp, articleHoursAgo, closeFeedTestApps } from '../../support/feed-test-app.js';

afterEach(closeFeedTestApps);

test('a new item becomes an article with its number, and a second poll adds nothing', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed({ id: 'tide', title: 'The tide is in', text: 'It came <b>early</b> & high.' });
  expect(await feedApp.poll()).toEqual({ kind: 'polled', found: 1, added: 1, waiting: 1, held: 0 });
  await feedApp.app.runDueJobs();
  expect((await feedApp.articles())['tide']).toMatchObject({
    title: 'The tide is in',
    summary: 'It came early & high.',
    contentHtml: 'It came <b>early</b> &amp; high.',
    url: 'https://paper.example/tide',
    state: 'released',
    seq: 1,
  });
  feedApp.server.articles.push({ id: 'ebb', title: 'The tide is out' });
  expect(await feedApp.poll()).toEqual({ kind: 'polled', found: 2, added: 1, waiting: 1, held: 0 });
  feedApp.server.articles.reverse();
  expect(await feedApp.poll()).toEqual({ kind: 'polled', found: 2, added: 0, waiting: 0, held: 0 });
  await feedApp.app.runDueJobs();
  expect(Object.keys(await feedApp.articles())).toHaveLength(2);
});

test('what is in a feed at its first poll counts as known, and nobody is mailed it', async () => {
  const feedApp = await openFeedTestApp();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  const before = feedApp.app.smtp.messages.length;
  feedApp.addToFeed({ id: 'one', title: 'One' }, { id: 'two', title: 'Two' });
  const feed = await feedApp.follow();
  expect(feed).toMatchObject({ firstPollDone: true, title: 'The Paper', failingSince: null });
  await feedApp.app.runDueJobs();
  await feedApp.runScheduledJob('release-due');
  const { one, two } = await feedApp.articles();
  expect([one?.state, two?.state, one?.seq]).toEqual(['skipped', 'skipped', null]);
  expect(feedApp.app.smtp.messages).toHaveLength(before);
});

test('a feed that was empty at first has its first article mailed', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed({ id: 'first', title: 'The very first' });
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  const [, , digest, ...more] = await readMails(feedApp.app);
  expect([digest?.subject, more.length]).toEqual(['The very first', 0]);
});

test('the newest few are those by date, whatever their place in the feed, and go out oldest first', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 60 });
  const { app, server } = feedApp;
  server.articles.push(
    { id: 'undated', title: 'No date' },
    articleHoursAgo(app, 3, { id: 'third', title: 'Third' }),
    articleHoursAgo(app, 1000, { id: 'ancient', title: 'Ancient' }),
    articleHoursAgo(app, 1, { id: 'first', title: 'First' }),
    articleHoursAgo(app, 5, { id: 'fourth', title: 'Fourth' }),
    articleHoursAgo(app, 2, { id: 'second', title: 'Second' }),
  );
  await feedApp.follow(3);
  await app.runDueJobs();
  const articles = Object.values(await feedApp.articles());
  const released = articles.filter(({ state }) => state === 'released');
  expect(Object.fromEntries(released.map(({ externalId, seq }) => [externalId, seq]))).toEqual({
    third: 1,
    second: 2,
    first: 3,
  });
  expect(articles.filter(({ state }) => state === 'skipped')).toHaveLength(3);
});

test('whoever asks for the newest few gets what there is, old ones too: hold rules do not apply to it', async () => {
  const feedApp = await openFeedTestApp();
  const { app, server } = feedApp;
  for (let number = 1; number <= 25; number += 1) {
    server.articles.push(
      articleHoursAgo(app, 24 * 40 * number, { id: `a${number}`, title: `Article ${number}` }),
    );
  }
  await feedApp.follow(100);
  await app.runDueJobs();
  expect(Object.values(await feedApp.articles()).map(({ state }) => state)).toEqual(
    Array(25).fill('released'),
  );
});

test('an item that stands below all known ones and is older counts as known; one among the known ones is new', async () => {
  const feedApp = await openFeedTestApp();
  const numbered = (hours: number) =>
    articleHoursAgo(feedApp.app, hours, { id: `${hours}`, title: `${hours} hours old` });
  feedApp.server.articles.push(...[4, 6, 8, 10].map(numbered));
  await feedApp.follow();
  feedApp.server.articles.splice(0, 4, ...[2, 4, 6, 7, 8, 10, 12, 14].map(numbered));
  await feedApp.poll();
  const articles = await feedApp.articles();
  const states = ['2', '7', '12', '14'].map((id) => articles[id]?.state);
  expect(states).toEqual(['waiting', 'waiting', 'skipped', 'skipped']);
});

test('with less than three known articles, an item at the end of the feed is new', async () => {
  const feedApp = await openFeedTestApp();
  const numbered = (hours: number) =>
    articleHoursAgo(feedApp.app, hours, { id: `${hours}`, title: `${hours} hours old` });
  feedApp.server.articles.push(...[4, 6].map(numbered));
  await feedApp.follow();
  feedApp.server.articles.push(numbered(8));
  await feedApp.poll();
  expect((await feedApp.articles())['8']?.state).toBe('waiting');
});

test('polls of one feed at the same moment add an article once', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed({ id: 'a', title: 'A' }, { id: 'b', title: 'B' });
  const polls = await Promise.all([1, 2, 3, 4].map(() => feedApp.poll()));
  const added = polls.map((polled) => (polled.kind === 'polled' ? polled.added : 0));
  expect(added.toSorted()).toEqual([0, 0, 0, 2]);
  await feedApp.app.runDueJobs();
  expect(Object.values(await feedApp.articles()).map(({ seq }) => seq)).toHaveLength(2);
});

test('two first polls at the same moment still count as known what was there', async () => {
  const feedApp = await openFeedTestApp();
  const { context, handlers } = feedApp.app;
  feedApp.addToFeed({ id: 'old', title: 'Old' });
  const feed = { publicationId: feedApp.publication.id, url: feedApp.server.url, includeNewest: 0 };
  const added = await addFeed(context, feed);
  if (added.kind !== 'added') throw new Error('The feed was not added');
  // The enqueued first poll, and one that somebody asked for.
  await Promise.all([pollFeed(context, added.feedId), handlers['poll-feed'](added), feedApp.poll()]);
  await feedApp.app.runDueJobs();
  expect((await feedApp.articles())['old']?.state).toBe('skipped');
});

test('a date whose time zone is unknown, ambiguous or missing delays nothing, and mails show the day that the feed has', async () => {
  // It is 12:00 where the publication is.
  const feedApp = await openFeedTestApp({ timezone: 'Africa/Nairobi', defaultCadence: 'instant' });
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  const dated = (id: string, date: string) => ({ id, title: `Dated ${id}`, date });
  feedApp.addToFeed(
    dated('unknown', 'Sun, 22 Nov 2026 16:00:00 WIB'),
    dated('ambiguous', 'Sun, 22 Nov 2026 17:00:00 CST'),
    dated('without', '2026-11-22 23:59:00'),
    dated('tomorrow', '2026-11-23'),
    dated('yesterday', 'Sat, 21 Nov 2026 23:30:00 WITA'),
    dated('sure', 'Sun, 22 Nov 2026 14:00:00 GMT'),
    dated('weeks ahead', '2026-12-24 10:00:00'),
  );
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  const articles = Object.entries(await feedApp.articles());
  const shown = articles.map(([id, { state, publishedAt }]) => [
    id,
    `${state} ${publishedAt?.toISOString().slice(0, 16)}`,
  ]);
  expect(Object.fromEntries(shown)).toEqual({
    unknown: 'released 2026-11-22T09:00',
    ambiguous: 'released 2026-11-22T09:00',
    without: 'released 2026-11-22T09:00',
    tomorrow: 'released 2026-11-22T09:00',
    yesterday: 'released 2026-11-21T20:30',
    sure: 'waiting 2026-11-22T14:00',
    'weeks ahead': 'held 2026-12-24T07:00',
  });
  const [, , digest] = await readMails(feedApp.app);
  const days = Array.from(digest?.text?.matchAll(/(\d+) November 2026/g) ?? [], ([, day]) => day);
  // Those of the articles in the order of their dates, and its own.
  expect(days).toEqual(['21', '22', '22', '22', '22', '22']);
  feedApp.app.advanceClock(HOUR_MS);
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
  expect((await feedApp.articles())['without']).toMatchObject({ updatedAt: null });
});

test('the newest few do not include items with an impossible date', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed(
    articleHoursAgo(feedApp.app, -24 * 90, { id: 'wrong', title: 'Wrong' }),
    articleHoursAgo(feedApp.app, 2, { id: 'b', title: 'B' }),
    articleHoursAgo(feedApp.app, 1, { id: 'a', title: 'A' }),
  );
  await feedApp.follow(2);
  const states = Object.entries(await feedApp.articles()).map(([id, { state }]) => [id, state]);
  expect(Object.fromEntries(states)).toEqual({ wrong: 'skipped', a: 'waiting', b: 'waiting' });
});

test('a correction that comes within the hold window is what the reader gets', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed({ id: 'boat', title: 'The baot sails', text: 'At nine.' });
  await feedApp.poll();
  feedApp.app.advanceClock(5 * 60_000);
  feedApp.server.articles[0] = { id: 'boat', title: 'The boat sails', text: 'At ten.' };
  expect(await feedApp.poll()).toMatchObject({ added: 0 });
  feedApp.app.advanceClock(5 * 60_000);
  await feedApp.runScheduledJob('release-due');
  const mails = (await readMails(feedApp.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['The boat sails']);
  expect(mails[0]?.text).toContain('At ten.');
});

test('a correction that comes after the release reaches the archive, says when, and mails nobody', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed(
    { id: 'tide', title: 'Tide' },
    { id: 'boat', title: 'The boat sails', text: 'At nine, from here.' },
  );
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  const sent = feedApp.app.smtp.messages.length;
  feedApp.server.articles[0] = { id: 'boat', title: 'The boat leaves', text: 'At ten, from here.' };
  feedApp.app.advanceClock(60_000);
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  expect((await feedApp.articles())['boat']).toMatchObject({
    ...{ title: 'The boat leaves', contentHtml: '<p>At ten, from here.</p>', state: 'released', seq: 1 },
    updatedAt: feedApp.app.context.now(),
  });
  expect(feedApp.app.smtp.messages).toHaveLength(sent);
});
