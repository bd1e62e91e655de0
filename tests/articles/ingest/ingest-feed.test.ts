import { afterEach, expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import type { NewPublication } from '../../../src/publications/publication.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';

const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('a new item becomes an article with its number, and a second poll adds nothing', async () => {
  const room = await newsroom();
  await room.follow();
  room.addToFeed({ id: 'tide', title: 'The tide is in', text: 'It came <b>early</b> & high.' });
  expect(await room.poll()).toEqual({ kind: 'polled', found: 1, added: 1, waiting: 1, held: 0 });
  await room.app.runDueJobs();
  expect((await room.articles())['tide']).toMatchObject({
    title: 'The tide is in',
    summary: 'It came early & high.',
    contentHtml: 'It came <b>early</b> &amp; high.',
    url: 'https://paper.example/tide',
    state: 'released',
    seq: 1,
  });
  room.server.articles.push({ id: 'ebb', title: 'The tide is out' });
  expect(await room.poll()).toEqual({ kind: 'polled', found: 2, added: 1, waiting: 1, held: 0 });
  room.server.articles.reverse();
  expect(await room.poll()).toEqual({ kind: 'polled', found: 2, added: 0, waiting: 0, held: 0 });
  await room.app.runDueJobs();
  expect(Object.keys(await room.articles())).toHaveLength(2);
});

test('the first poll starts from now: what is there counts as read, and nobody is mailed it', async () => {
  const room = await newsroom();
  await createConfirmedReader(room.app, 'ana@example.com');
  const before = room.app.smtp.messages.length;
  room.addToFeed({ id: 'one', title: 'One' }, { id: 'two', title: 'Two' });
  const feed = await room.follow();
  expect(feed).toMatchObject({ firstPollDone: true, title: 'The Paper', failingSince: null });
  await room.app.runDueJobs();
  await room.runScheduledJob('release-due');
  const { one, two } = await room.articles();
  expect([one?.state, two?.state, one?.seq]).toEqual(['skipped', 'skipped', null]);
  expect(room.app.smtp.messages).toHaveLength(before);
});

test('a feed that was empty at first has its first article mailed', async () => {
  const room = await newsroom();
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed({ id: 'first', title: 'The very first' });
  await room.poll();
  await room.app.runDueJobs();
  const [, , digest, ...more] = await readMails(room.app);
  expect([digest?.subject, more.length]).toEqual(['The very first', 0]);
});

test('the newest few are those by date, whatever their place in the feed, and go out oldest first', async () => {
  const room = await newsroom({ holdMinutes: 60 });
  const { app, server } = room;
  server.articles.push(
    { id: 'undated', title: 'No date' },
    articleHoursAgo(app, 3, { id: 'third', title: 'Third' }),
    articleHoursAgo(app, 1000, { id: 'ancient', title: 'Ancient' }),
    articleHoursAgo(app, 1, { id: 'first', title: 'First' }),
    articleHoursAgo(app, 5, { id: 'fourth', title: 'Fourth' }),
    articleHoursAgo(app, 2, { id: 'second', title: 'Second' }),
  );
  await room.follow(3);
  await app.runDueJobs();
  const articles = Object.values(await room.articles());
  const released = articles.filter(({ state }) => state === 'released');
  expect(Object.fromEntries(released.map(({ externalId, seq }) => [externalId, seq]))).toEqual({
    third: 1,
    second: 2,
    first: 3,
  });
  expect(articles.filter(({ state }) => state === 'skipped')).toHaveLength(3);
});

test('asking for more than there is, and for old ones, takes what there is: an explicit wish passes the guards', async () => {
  const room = await newsroom();
  const { app, server } = room;
  for (let number = 1; number <= 25; number += 1) {
    server.articles.push(
      articleHoursAgo(app, 24 * 40 * number, { id: `a${number}`, title: `Article ${number}` }),
    );
  }
  await room.follow(100);
  await app.runDueJobs();
  expect(Object.values(await room.articles()).map(({ state }) => state)).toEqual(Array(25).fill('released'));
});

test('what a feed shows below all that is known, and older, counts as read; a late one among the known is new', async () => {
  const room = await newsroom();
  const numbered = (hours: number) =>
    articleHoursAgo(room.app, hours, { id: `${hours}`, title: `${hours} hours old` });
  room.server.articles.push(...[4, 6, 8, 10].map(numbered));
  await room.follow();
  room.server.articles.splice(0, 4, ...[2, 4, 6, 7, 8, 10, 12, 14].map(numbered));
  await room.poll();
  const articles = await room.articles();
  const states = ['2', '7', '12', '14'].map((id) => articles[id]?.state);
  expect(states).toEqual(['waiting', 'waiting', 'skipped', 'skipped']);
});

test('a feed of which less than three articles are known is not judged by its end', async () => {
  const room = await newsroom();
  const numbered = (hours: number) =>
    articleHoursAgo(room.app, hours, { id: `${hours}`, title: `${hours} hours old` });
  room.server.articles.push(...[4, 6].map(numbered));
  await room.follow();
  room.server.articles.push(numbered(8));
  await room.poll();
  expect((await room.articles())['8']?.state).toBe('waiting');
});

test('polls of one feed at the same moment take an article in once', async () => {
  const room = await newsroom();
  await room.follow();
  room.addToFeed({ id: 'a', title: 'A' }, { id: 'b', title: 'B' });
  const polls = await Promise.all([1, 2, 3, 4].map(() => room.poll()));
  const added = polls.map((polled) => (polled.kind === 'polled' ? polled.added : 0));
  expect(added.toSorted()).toEqual([0, 0, 0, 2]);
  await room.app.runDueJobs();
  expect(Object.values(await room.articles()).map(({ seq }) => seq)).toHaveLength(2);
});

test('a first look by two at the same moment still counts as read what was there', async () => {
  const room = await newsroom();
  const { context, handlers } = room.app;
  room.addToFeed({ id: 'old', title: 'Old' });
  const feed = { publicationId: room.publication.id, url: room.server.url, includeNewest: 0 };
  const added = await addFeed(context, feed);
  if (added.kind !== 'added') throw new Error('The feed was not added');
  // The worker who was promised the first look is not alone: somebody asks for one too.
  await Promise.all([pollFeed(context, added.feedId), handlers['poll-feed'](added), room.poll()]);
  await room.app.runDueJobs();
  expect((await room.articles())['old']?.state).toBe('skipped');
});

test('the newest few are not those with a date that cannot be', async () => {
  const room = await newsroom();
  room.addToFeed(
    articleHoursAgo(room.app, -24 * 90, { id: 'wrong', title: 'Wrong' }),
    articleHoursAgo(room.app, 2, { id: 'b', title: 'B' }),
    articleHoursAgo(room.app, 1, { id: 'a', title: 'A' }),
  );
  await room.follow(2);
  const states = Object.entries(await room.articles()).map(([id, { state }]) => [id, state]);
  expect(Object.fromEntries(states)).toEqual({ wrong: 'skipped', a: 'waiting', b: 'waiting' });
});

test('a correction that comes within the hold window is what the reader gets', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed({ id: 'boat', title: 'The baot sails', text: 'At nine.' });
  await room.poll();
  room.app.advanceClock(5 * 60_000);
  room.server.articles[0] = { id: 'boat', title: 'The boat sails', text: 'At ten.' };
  expect(await room.poll()).toMatchObject({ added: 0 });
  room.app.advanceClock(5 * 60_000);
  await room.runScheduledJob('release-due');
  const mails = (await readMails(room.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['The boat sails']);
  expect(mails[0]?.text).toContain('At ten.');
});

test('a correction that comes after the release reaches the archive, says when, and mails nobody', async () => {
  const room = await newsroom();
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed({ id: 'boat', title: 'The boat sails', text: 'At nine.' });
  await room.poll();
  await room.app.runDueJobs();
  const sent = room.app.smtp.messages.length;
  room.server.articles[0] = { id: 'boat', title: 'The boat stays', text: 'In the harbour.' };
  room.app.advanceClock(60_000);
  await room.poll();
  await room.app.runDueJobs();
  expect((await room.articles())['boat']).toMatchObject({
    ...{ title: 'The boat stays', contentHtml: '<p>In the harbour.</p>', state: 'released', seq: 1 },
    updatedAt: room.app.context.now(),
  });
  expect(room.app.smtp.messages).toHaveLength(sent);
});

async function newsroom(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const room = await openFeedTestApp(settings);
  rooms.push(room);
  return room;
}
