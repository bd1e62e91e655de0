import { afterEach, expect, test } from '@jest/globals';
import { describeArticleHold } from '../../../src/articles/release/describe-hold.js';
import type { Article } from '../../../src/articles/article.js';
import { releaseArticle } from '../../../src/articles/release/decide-article.js';
import type { NewPublication } from '../../../src/publications/publication.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import type { FeedArticle } from '../../support/feed-server.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { operatorWords } from '../../support/operator-words.js';

const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('more than twenty at once are all held, twenty are not', async () => {
  const room = await newsroom();
  room.addToFeed(...numbered(1, 50, 'Known'));
  await room.follow();
  room.addToFeed(...numbered(101, 121));
  await room.poll();
  expect(await reasons(room, numbered(101, 121))).toEqual(Array(21).fill('21 new articles arrived at once.'));

  room.server.articles.splice(0);
  room.addToFeed(...numbered(1, 50, 'Known'), ...numbered(201, 220));
  await room.poll();
  expect(await reasons(room, numbered(201, 220))).toEqual(Array(20).fill(null));
});

test('a feed that comes back with other ids holds everything, and a small one that turns over does not', async () => {
  const room = await newsroom();
  room.addToFeed(...numbered(1, 6));
  await room.follow();
  room.server.articles.splice(0);
  room.addToFeed(...numbered(3, 6), ...numbered(11, 15));
  await room.poll();
  const sentence = "5 of the 9 articles in the feed look new. That often means the feed's ids changed.";
  expect(await reasons(room, numbered(11, 15))).toEqual(Array(5).fill(sentence));

  const small = await newsroom();
  small.addToFeed(...numbered(1, 4));
  await small.follow();
  small.server.articles.splice(0);
  small.addToFeed(...numbered(11, 14));
  await small.poll();
  expect(await reasons(small, numbered(11, 14))).toEqual(Array(4).fill(null));
});

test('an old one and an empty one are held, each with its own sentence, and the rest goes out', async () => {
  const room = await newsroom();
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed(
    articleHoursAgo(room.app, 24 * 30 + 1, { id: 'old', title: 'From the archive' }),
    articleHoursAgo(room.app, 24 * 30 - 1, { id: 'recent', title: 'Not so old' }),
    { id: 'empty', title: 'Only a title', text: '' },
    { id: 'picture', title: 'Only a picture', text: '<img src="https://paper.example/tide.jpg" alt="">' },
    { id: 'undated', title: 'Undated' },
  );
  await room.poll();
  await room.app.runDueJobs();
  const { old, recent, empty, picture, undated } = await room.articles();
  expect([old?.state, sentenceOf(old)]).toEqual(['held', 'It is dated more than 30 days ago.']);
  expect([empty?.state, sentenceOf(empty)]).toEqual([
    'held',
    'It has a title, but neither text nor picture.',
  ]);
  expect([recent?.state, picture?.state, undated?.state]).toEqual(['released', 'released', 'released']);
  const mails = (await readMails(room.app)).slice(2);
  expect(mails.map(({ subject }) => subject).toSorted()).toEqual(['Not so old', 'Only a picture', 'Undated']);
});

test('a title that was mailed is held when it comes again, in whatever letters', async () => {
  const room = await newsroom();
  await room.follow();
  const pairs = [
    ['The tide is in', '  THE  tide is in '],
    ['Über Öl und Äpfel', 'über öl und äpfel'],
    ['ΤΟ ΦΩΣ ΤΟΥ ΦΑΡΟΥ', 'Το φως του φαρου'],
    ['İstanbul Işıkları', 'İSTANBUL IŞIKLARI'],
  ] as const;
  room.addToFeed(...pairs.map(([title], at) => ({ id: `first ${at}`, title })));
  await room.poll();
  await room.app.runDueJobs();
  room.addToFeed(...pairs.map(([, title], at) => ({ id: `again ${at}`, title })));
  room.addToFeed({ id: 'other', title: 'The tide is out' });
  await room.poll();
  const articles = await room.articles();
  for (const at of pairs.keys()) {
    expect(articles[`first ${at}`]?.state).toBe('released');
    const again = articles[`again ${at}`];
    expect([again?.state, sentenceOf(again)]).toEqual([
      'held',
      'An article with the same title is out already, or about to be.',
    ]);
  }
  expect(articles['other']?.state).toBe('waiting');
});

test('a title that was known but never mailed is no reason to hold', async () => {
  const room = await newsroom();
  room.addToFeed({ id: 'read', title: 'The tide is in' });
  await room.follow();
  room.addToFeed({ id: 'new', title: 'The tide is in', text: 'Again, and higher.' });
  await room.poll();
  expect((await room.articles())['new']?.state).toBe('waiting');
});

test('a held article gets the corrections of its feed, and reaches readers when an operator lets it go', async () => {
  const room = await newsroom();
  await room.follow();
  await createConfirmedReader(room.app, 'ana@example.com');
  room.addToFeed({ id: 'empty', title: 'Only a title', text: '' });
  await room.poll();
  room.server.articles[0] = { id: 'empty', title: 'Now with a text', text: 'Here it is.' };
  await room.poll();
  await room.runScheduledJob('release-due');
  expect(room.app.smtp.messages).toHaveLength(2);
  const held = (await room.articles())['empty'];
  await releaseArticle(room.app.context, held?.id ?? '');
  await room.app.runDueJobs();
  const mails = (await readMails(room.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['Now with a text']);
});

async function reasons(room: FeedTestApp, articles: FeedArticle[]): Promise<(string | null | undefined)[]> {
  const known = await room.articles();
  return articles.map(({ id }) => sentenceOf(known[id]));
}

function sentenceOf(article: Article | undefined): string | null | undefined {
  return article && describeArticleHold(article, operatorWords);
}

function numbered(from: number, to: number, word = 'Article'): FeedArticle[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    id: `a${from + index}`,
    title: `${word} ${from + index}`,
  }));
}

async function newsroom(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const room = await openFeedTestApp(settings);
  rooms.push(room);
  return room;
}
