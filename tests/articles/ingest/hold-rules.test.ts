import { afterEach, expect, test } from '@jest/globals';
import { describeArticleHold } from '../../../src/articles/release/describe-hold.js';
import type { Article } from '../../../src/articles/article.js';
import { releaseArticle } from '../../../src/articles/release/decide-article.js';
import { createConfirmedReader, readMails } from '../../support/reader-actions.js';
import type { FeedArticle } from '../../support/feed-server.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { operatorWords } from '../../support/operator-words.js';

afterEach(closeFeedTestApps);

test('more than twenty at once are all held, twenty are not', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed(...numbered(1, 50, 'Known'));
  await feedApp.follow();
  feedApp.addToFeed(...numbered(101, 121));
  await feedApp.poll();
  expect(await reasons(feedApp, numbered(101, 121))).toEqual(
    Array(21).fill('21 new articles arrived at once.'),
  );

  feedApp.server.articles.splice(0);
  feedApp.addToFeed(...numbered(1, 50, 'Known'), ...numbered(201, 220));
  await feedApp.poll();
  expect(await reasons(feedApp, numbered(201, 220))).toEqual(Array(20).fill(null));
});

test('a feed whose ids all changed is held whole, a small one whose articles were replaced is not', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed(...numbered(1, 6));
  await feedApp.follow();
  feedApp.server.articles.splice(0);
  feedApp.addToFeed(...numbered(3, 6), ...numbered(11, 15));
  await feedApp.poll();
  const sentence = "5 of the 9 articles in the feed look new. That often means the feed's ids changed.";
  expect(await reasons(feedApp, numbered(11, 15))).toEqual(Array(5).fill(sentence));

  const small = await openFeedTestApp();
  small.addToFeed(...numbered(1, 4));
  await small.follow();
  small.server.articles.splice(0);
  small.addToFeed(...numbered(11, 14));
  await small.poll();
  expect(await reasons(small, numbered(11, 14))).toEqual(Array(4).fill(null));
});

test('an old article and an empty one are held, each with its own reason, and the rest goes out', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed(
    articleHoursAgo(feedApp.app, 24 * 30 + 1, { id: 'old', title: 'From the archive' }),
    articleHoursAgo(feedApp.app, 24 * 30 - 1, { id: 'recent', title: 'Not so old' }),
    { id: 'empty', title: 'Only a title', text: '' },
    { id: 'picture', title: 'Only a picture', text: '<img src="https://paper.example/tide.jpg" alt="">' },
    { id: 'undated', title: 'Undated' },
  );
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  const { old, recent, empty, picture, undated } = await feedApp.articles();
  expect([old?.state, sentenceOf(old)]).toEqual(['held', 'It is dated more than 30 days ago.']);
  expect([empty?.state, sentenceOf(empty)]).toEqual([
    'held',
    'It has a title, but neither text nor picture.',
  ]);
  expect([recent?.state, picture?.state, undated?.state]).toEqual(['released', 'released', 'released']);
  const mails = (await readMails(feedApp.app)).slice(2);
  expect(mails.map(({ subject }) => subject).toSorted()).toEqual(['Not so old', 'Only a picture', 'Undated']);
});

test('an article with a title that was mailed before is held, in upper or lower case', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  const pairs = [
    ['The tide is in', '  THE  tide is in '],
    ['Über Öl und Äpfel', 'über öl und äpfel'],
    ['ΤΟ ΦΩΣ ΤΟΥ ΦΑΡΟΥ', 'Το φως του φαρου'],
    ['İstanbul Işıkları', 'İSTANBUL IŞIKLARI'],
  ] as const;
  feedApp.addToFeed(...pairs.map(([title], at) => ({ id: `first ${at}`, title })));
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  feedApp.addToFeed(...pairs.map(([, title], at) => ({ id: `again ${at}`, title })));
  feedApp.addToFeed({ id: 'other', title: 'The tide is out' });
  await feedApp.poll();
  const articles = await feedApp.articles();
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

test('an article is not held for a title that was never mailed', async () => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed({ id: 'read', title: 'The tide is in' });
  await feedApp.follow();
  feedApp.addToFeed({ id: 'new', title: 'The tide is in', text: 'Again, and higher.' });
  await feedApp.poll();
  expect((await feedApp.articles())['new']?.state).toBe('waiting');
});

test('a held article is corrected by its feed, and reaches readers when an operator releases it', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed({ id: 'empty', title: 'Only a title', text: '' });
  await feedApp.poll();
  feedApp.server.articles[0] = { id: 'empty', title: 'Now with a text', text: 'Here it is.' };
  await feedApp.poll();
  await feedApp.runScheduledJob('release-due');
  expect(feedApp.app.smtp.messages).toHaveLength(2);
  const held = (await feedApp.articles())['empty'];
  await releaseArticle(feedApp.app.context, held?.id ?? '');
  await feedApp.app.runDueJobs();
  const mails = (await readMails(feedApp.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['Now with a text']);
});

async function reasons(
  feedApp: FeedTestApp,
  articles: FeedArticle[],
): Promise<(string | null | undefined)[]> {
  const known = await feedApp.articles();
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
