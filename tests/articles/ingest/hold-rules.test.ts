import { afterEach, expect, test } from '@jest/globals';
import { describeArticleHold } from '../../../src/articles/release/describe-hold.js';
import type { Article } from '../../../src/articles/article.js';
import { correctArticle } from '../../../src/articles/release/correct-article.js';
import { holdArticle } from '../../../src/articles/release/decide-article.js';
import { listHolds } from '../../../src/articles/release/reads.js';
import { listArticles } from '../../../src/articles/reads.js';
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

const FORM = '<form action="/wp-login.php?action=postpass" method="post"><p>Password:</p></form>';

test('a protected or private post is held on its own, however many came with it, and mailed when its password is gone', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  await createConfirmedReader(feedApp.app, 'ana@example.com');
  feedApp.addToFeed(
    { id: 'form', title: 'The budget', text: FORM },
    {
      id: 'title',
      title: 'Geschützt: Der Haushalt',
      text: 'Es gibt keine Kurzfassung, da dies ein geschützter Beitrag ist.',
    },
    { id: 'private', title: 'Private: Between us', text: 'All of it.' },
    { id: 'open', title: 'The boat sails' },
    ...numbered(1, 20),
  );
  await feedApp.poll();
  const held = await reasons(
    feedApp,
    ['form', 'title', 'private', 'open'].map((id) => ({ id, title: '' })),
  );
  const sentence = 'It looks password-protected, or private, on its site.';
  expect(held).toEqual([sentence, sentence, sentence, '24 new articles arrived at once.']);
  change(feedApp, { id: 'form', title: 'The budget', text: 'For everybody now.' });
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  const mails = (await readMails(feedApp.app)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['The budget']);
});

test('a protected post is not among the newest that a new feed is asked for, and one that gets a password is stopped', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  feedApp.addToFeed({ id: 'form', title: 'The budget', text: FORM });
  await feedApp.follow(3);
  feedApp.addToFeed({ id: 'boat', title: 'The boat sails', text: 'At nine.' });
  await feedApp.poll();
  const before = await feedApp.articles();
  expect([before['form']?.state, before['boat']?.state]).toEqual(['held', 'waiting']);
  change(feedApp, { id: 'boat', title: 'Protected: The boat sails', text: FORM });
  await feedApp.poll();
  expect((await feedApp.articles())['boat']).toMatchObject({ state: 'held', contentHtml: '' });
});

test('a held article is judged again when it changes: it goes out, or is held for the reason that it has now', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { app, server } = feedApp;
  await feedApp.follow();
  await createConfirmedReader(app, 'ana@example.com');
  feedApp.addToFeed({ id: 'first', title: 'The tide is in' });
  await feedApp.poll();
  feedApp.addToFeed(
    articleHoursAgo(app, 24 * 40, { id: 'old', title: 'From the archive' }),
    { id: 'empty', title: 'Only a title', text: '' },
    { id: 'again', title: 'Another title', text: '' },
    { id: 'same', title: 'The tide is in', text: 'Once more.' },
    { id: 'stopped', title: 'Stopped' },
  );
  await feedApp.poll();
  await holdArticle(app.context, (await feedApp.articles())['stopped']?.id ?? '');
  server.articles.splice(
    0,
    5,
    articleHoursAgo(app, 1, { id: 'old', title: 'From the archive' }),
    { id: 'empty', title: 'Only a title', text: 'Here it is.' },
    { id: 'again', title: 'The tide is in', text: 'It came.' },
    { id: 'same', title: 'The tide is out', text: 'Once more.' },
    { id: 'stopped', title: 'Stopped', text: 'Another text.' },
  );
  await feedApp.poll();
  const articles = await feedApp.articles();
  const found = ['old', 'empty', 'again', 'same', 'stopped'].map((id) => [
    articles[id]?.state,
    sentenceOf(articles[id]),
  ]);
  expect(found).toEqual([
    ['waiting', null],
    ['waiting', null],
    ['held', 'An article with the same title is out already, or about to be.'],
    ['waiting', null],
    ['held', 'An operator held it.'],
  ]);
  const holds = await listHolds(app.context.db, {
    publicationId: feedApp.publication.id,
    before: undefined,
    limit: 10,
  });
  expect(holds.map(({ code, count, heldItems }) => [code, count, heldItems])).toEqual([
    ['same-title', 1, 1],
    ['by-hand', 1, 1],
  ]);
  app.advanceClock(10 * 60_000);
  await feedApp.runScheduledJob('release-due');
  expect(Object.values(await feedApp.articles()).filter(({ state }) => state === 'released')).toHaveLength(4);
});

test('a held article that an operator corrects is judged again, too', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed(
    { id: 'empty', title: 'Only a title', text: '' },
    { id: 'form', title: 'Private: Ours', text: 'All of it.' },
  );
  await feedApp.poll();
  const { empty, form } = await feedApp.articles();
  const { context } = feedApp.app;
  expect(await correctArticle(context, empty?.id ?? '', { content: '<p>Here.</p>' })).toMatchObject({
    state: 'waiting',
    holdReason: null,
  });
  expect(await correctArticle(context, form?.id ?? '', { content: '', summary: '' })).toMatchObject({
    state: 'held',
  });
  expect(await correctArticle(context, form?.id ?? '', { title: 'Ours' })).toMatchObject({
    holdReason: { code: 'empty' },
  });
});

test('what takes the place of an article that was read, under its id, is held in a feed that has others', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed(
    { id: 'boat', title: 'The boat sails', text: 'It leaves the harbour at nine.' },
    { id: 'tide', title: 'The tide is in' },
  );
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  change(feedApp, { id: 'boat', title: 'Soup for forty', text: 'What they cook on one ring.' });
  await feedApp.poll();
  const all = await listArticles(feedApp.app.context.db, feedApp.publication.id, 10);
  const soup = all.find(({ title }) => title === 'Soup for forty');
  expect([soup?.state, sentenceOf(soup)]).toEqual([
    'held',
    'Its feed shows it in the place of an article that came before: the same id or address, with another title and text.',
  ]);
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
  change(feedApp, {
    id: 'tide',
    title: 'The tide was in',
    text: 'The tide is in, told in full again.',
  });
  expect(await feedApp.poll()).toMatchObject({ added: 0 });
});

/** Its feed shows this from now on, in the place of what has the same id. */
function change({ server }: FeedTestApp, article: FeedArticle): void {
  server.articles[server.articles.findIndex(({ id }) => id === article.id)] = article;
}

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
