import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalLink } from '../../../src/articles/clean/canonical-link.js';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { listArticles } from '../../../src/articles/reads.js';
import { createConfirmedReader } from '../../support/reader-actions.js';
import { rssResponse, type FeedArticle } from '../../support/feed-server.js';
import {
  openFeedTestApp,
  articleHoursAgo,
  type FeedTestApp,
  closeFeedTestApps,
} from '../../support/feed-test-app.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

afterEach(closeFeedTestApps);

describe('a link', () => {
  test('is the same page with another scheme, with www, and with tracking parameters', () => {
    const page = canonicalLink('https://paper.example/tide?page=2');
    expect(page).toBe('paper.example/tide?page=2');
    for (const same of [
      'http://paper.example/tide?page=2',
      'https://www.paper.example/tide/?page=2',
      'https://PAPER.example/tide?utm_source=feed&page=2&utm_campaign=x',
      'https://paper.example/tide?fbclid=1&page=2&ref=home#comments',
      'https://paper.example/tide?page=2#',
    ])
      expect([same, canonicalLink(same)]).toEqual([same, page]);
  });

  test('is another page where path, query or place on the page differ', () => {
    const links = ['a', 'A', 'a/b', 'a?page=1', 'a?page=2', 'a?reference=1', 'a#v1', 'a#v2'];
    const pages = links.map((link) => canonicalLink(`https://paper.example/${link}`));
    expect(new Set(pages).size).toBe(links.length);
    expect(canonicalLink('https://other.example/a')).not.toBe(pages[0]);
  });

  test('to a front page, or to nowhere, names no article', () => {
    for (const none of [
      'https://paper.example',
      'https://www.paper.example/?utm_source=x',
      'mailto:a@b.example',
      'tide',
      null,
    ])
      expect(canonicalLink(none)).toBeUndefined();
  });

  test('in the order of its parameters or another is one', () => {
    const parameters = fc.uniqueArray(fc.stringMatching(/^[a-q]{1,3}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parameters, (names) => {
        const link = (all: string[]) => `https://paper.example/?${all.map((one) => `${one}=1`).join('&')}`;
        expect(canonicalLink(link(names))).toBe(canonicalLink(link(names.toReversed())));
      }),
    );
  });
});

/** How many articles a second poll adds after the publisher changed its only one so. */
async function newAfter(before: FeedArticle, after: FeedArticle): Promise<number> {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed(before);
  await feedApp.poll();
  await feedApp.app.runDueJobs();
  feedApp.server.articles.splice(0, 1, after);
  const polled = await feedApp.poll();
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
  return polled.kind === 'polled' ? polled.added : -1;
}

const date = new Date('2026-11-22T07:00:00Z');
const tide: FeedArticle = { id: 'tide', title: 'The tide is in', text: 'It came early.', date };
const link = 'https://paper.example/tide';

describe('an article is the same one', () => {
  test.each<[string, FeedArticle, FeedArticle]>([
    [
      'under another id, at its address',
      { ...tide, link },
      { ...tide, id: 'new', link: `${link}/?utm_medium=rss` },
    ],
    ['under another id and address, with its words', tide, { ...tide, id: 'new' }],
    [
      'with quotes and dashes as a typewriter has them, after a move to another program',
      { ...tide, title: '“In” – says Ana’s log…', text: 'It’s early — again.' },
      { ...tide, id: 'new', title: '"In" - says Ana\'s log...', text: "It's early - again." },
    ],
    [
      'without an id, at its address, corrected',
      { ...tide, id: '', link },
      { ...tide, id: '', link, text: 'Late.' },
    ],
    ['with nothing but its words', { ...tide, id: '' }, { ...tide, id: '', categories: ['Harbour'] }],
    ['without id and address, a typo corrected', { ...tide, id: '', text: 'It caem.' }, { ...tide, id: '' }],
    [
      'at another site, with its pictures there too',
      { ...tide, text: '<img src="https://a.example/1.png">Early.' },
      { ...tide, id: 'new', text: '<img src="https://b.example/1.png">Early.' },
    ],
    [
      'with another date, at its address',
      { ...tide, link },
      { ...tide, id: 'new', link, text: 'More.', date: new Date('2026-11-22T08:00:00Z') },
    ],
  ])('%s', async (_, before, after) => {
    expect(await newAfter(before, after)).toBe(0);
  });
});

describe('an article is another one', () => {
  test.each<[string, FeedArticle, FeedArticle]>([
    [
      'under its id, with all else changed',
      tide,
      {
        ...tide,
        title: 'The ebb',
        text: 'Low.',
        date: new Date('2026-11-22T08:00:00Z'),
        link: 'https://paper.example/tide',
      },
    ],
    [
      'in a feed of one item with a fixed id and no date',
      { id: 'latest', title: 'Monday’s boats', text: 'Two came in, and one left.' },
      { id: 'latest', title: 'Tuesday’s boats', text: 'Nobody sailed: there was a storm.' },
    ],
    [
      'at the only address of a feed that has no ids and no dates',
      {
        id: '',
        link,
        title: 'Word of the day: tide',
        text: 'The word of the day is tide, and so is the sea.',
      },
      {
        id: '',
        link,
        title: 'Word of the day: ebb',
        text: 'The word of the day is ebb, which the tide brings.',
      },
    ],
    ['with an id and title of its own', tide, { ...tide, id: 'ebb', title: 'The ebb', text: 'Low.' }],
    [
      'where the publisher numbers places, not articles',
      { ...tide, id: '1', link },
      {
        ...tide,
        id: '1',
        link: 'https://paper.example/ebb',
        title: 'The ebb',
        date: new Date('2026-11-22T08:00:00Z'),
      },
    ],
    [
      'at one address for all, with another title and date',
      { ...tide, link },
      { ...tide, id: 'ebb', link, title: 'The ebb', date: new Date('2026-11-22T08:00:00Z') },
    ],
    [
      'at the only address of a feed that has no ids, with another title and date',
      { ...tide, id: '', link },
      { ...tide, id: '', link, title: 'The ebb', date: new Date('2026-11-22T08:00:00Z') },
    ],
    [
      'with the title and words of last week',
      { ...tide, date: new Date('2026-11-15T07:00:00Z') },
      { ...tide, id: 'again' },
    ],
  ])('%s', async (_, before, after) => {
    expect(await newAfter(before, after)).toBe(1);
  });
});

test('one page as the link of all keeps no article from being new', async () => {
  const feedApp = await openFeedTestApp();
  const home = 'https://paper.example/episodes';
  await feedApp.follow();
  const episode = (number: number) =>
    articleHoursAgo(feedApp.app, 30 - number, {
      id: `show ${number}`,
      title: `Episode ${number}`,
      text: `Talk ${number}.`,
      link: home,
    });
  feedApp.addToFeed(episode(1), episode(2));
  expect(await feedApp.poll()).toMatchObject({ added: 2 });
  feedApp.addToFeed(episode(3));
  expect(await feedApp.poll()).toMatchObject({ added: 1 });
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
  await feedApp.app.runDueJobs();
  const rows = await states(feedApp);
  expect(rows.map(([title, state]) => [title, state]).toSorted()).toEqual([
    ['Episode 1', 'released'],
    ['Episode 2', 'released'],
    ['Episode 3', 'released'],
  ]);
});

test.each<[string, (number: number) => FeedArticle]>([
  [
    'one id',
    (n) => ({ id: 'https://paper.example/', link: `https://paper.example/c/${n}`, title: `Const ${n}` }),
  ],
  ['one page and no id', (n) => ({ id: '', link: 'https://paper.example/news', title: `SL ${n}` })],
  ['one id and no page', (n) => ({ id: '0', link: '', title: `Zero ${n}` })],
])('of articles that all have %s, each new one is mailed and no old one', async (_, article) => {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed(article(1), article(2));
  await feedApp.follow();
  feedApp.addToFeed(article(3));
  expect(await feedApp.poll()).toMatchObject({ added: 1 });
  feedApp.server.articles.pop();
  feedApp.addToFeed(article(4));
  expect(await feedApp.poll()).toMatchObject({ added: 1 });
  await feedApp.app.runDueJobs();
  const rows = (await states(feedApp)).map(([title, state]) => `${title.slice(-1)} ${state}`);
  expect(rows.toSorted()).toEqual(['1 skipped', '2 skipped', '3 released', '4 released']);
});

test('an item that stands twice in a feed becomes one article', async () => {
  const feedApp = await openFeedTestApp();
  await feedApp.follow();
  feedApp.addToFeed(tide, { ...tide, id: 'tide-2' }, tide);
  expect(await feedApp.poll()).toMatchObject({ added: 1 });
  expect(await feedApp.pollWithoutValidator()).toMatchObject({ added: 0 });
});

test('a site feed and a category feed with the same article mail it once, under the topics of both', async () => {
  const feedApp = await openFeedTestApp({ defaultCadence: 'instant', holdMinutes: 10 });
  const { app, server } = feedApp;
  await createConfirmedReader(app, 'ana@example.com');
  const category = `${server.origin}/harbour.xml`;
  server.setResponse('/harbour.xml', rssResponse([]));
  const site = await feedApp.follow();
  const harbour = await feedApp.follow(0, category);
  feedApp.addToFeed({ ...tide, link, categories: ['Town'] });
  server.setResponse(
    '/harbour.xml',
    rssResponse([{ ...tide, id: 'h-1', link, text: 'It came…', categories: ['Harbour'] }]),
  );
  const before = app.smtp.messages.length;
  const polls = await Promise.all([pollFeed(app.context, harbour.id), pollFeed(app.context, site.id)]);
  expect(polls.map((polled) => (polled.kind === 'polled' ? polled.added : -1)).toSorted()).toEqual([0, 1]);
  app.advanceClock(10 * 60_000);
  await feedApp.runScheduledJob('release-due');
  expect(app.smtp.messages).toHaveLength(before + 1);
  const rows = await states(feedApp);
  expect(rows.map(([, state, categories]) => [state, categories.toSorted()])).toEqual([
    ['released', ['Harbour', 'Town']],
  ]);
  for (const { id } of [site, harbour, site]) await pollFeed(app.context, id);
  expect((await states(feedApp))[0]?.[2].toSorted()).toEqual(['Harbour', 'Town']);
});

test('an article is corrected by the feed that it came from; another feed with it changes nothing', async () => {
  const feedApp = await openFeedTestApp();
  const { app, server } = feedApp;
  server.setResponse('/b.xml', rssResponse([]));
  const site = await feedApp.follow();
  const other = await feedApp.follow(0, `${server.origin}/b.xml`);
  feedApp.addToFeed({ ...tide, link });
  await pollFeed(app.context, site.id);
  server.setResponse('/b.xml', rssResponse([{ ...tide, id: 'b', link, text: 'Teaser.' }]));
  await pollFeed(app.context, other.id);
  const [article] = Object.values(await feedApp.articles());
  expect(article?.contentHtml).toContain('It came early.');
});

test('an article that is pushed and also stands in the feed is one article, whichever comes first', async () => {
  const feedApp = await openFeedTestApp({ holdMinutes: 10 });
  const { app, publication } = feedApp;
  await feedApp.follow();
  const pushed = await pushArticle(app.context, publication, {
    title: tide.title,
    url: `${link}?utm_source=cms`,
    summary: 'By hand.',
  });
  feedApp.addToFeed({ ...tide, link, categories: ['Harbour'] });
  expect(await feedApp.poll()).toMatchObject({ added: 0 });
  const [article] = Object.values(await feedApp.articles());
  expect(article).toMatchObject({ feedId: null, contentHtml: '', categories: ['Harbour'], state: 'waiting' });
  const again = await pushArticle(app.context, publication, { title: tide.title, url: link });
  expect(again).toEqual({ kind: 'known', id: pushed.id });

  feedApp.addToFeed({ id: 'ebb', title: 'The ebb' });
  await feedApp.poll();
  const { ebb } = await feedApp.articles();
  const known = { title: 'The ebb', url: 'http://www.paper.example/ebb/', externalId: 'cms-9' };
  expect(await pushArticle(app.context, publication, known)).toEqual({ kind: 'known', id: ebb?.id });
  // Its new identity key is stored.
  const renamed = { title: 'The low water', externalId: 'cms-9' };
  expect(await pushArticle(app.context, publication, renamed)).toEqual({ kind: 'known', id: ebb?.id });
});

test('a site that moves, with new ids, addresses and dates to the second, mails nobody', async () => {
  const feedApp = await openFeedTestApp();
  const { app, server } = feedApp;
  await createConfirmedReader(app, 'ana@example.com');
  const stories = Array.from({ length: 15 }, (_, at) =>
    articleHoursAgo(app, at + 1, {
      id: `p${at}`,
      title: `Story ${at}`,
      text: `Words of story ${at}.`,
      link: `https://old.example/?p=${at}`,
    }),
  );
  feedApp.addToFeed(...stories);
  await feedApp.follow();
  server.articles.splice(
    0,
    15,
    ...stories.map((story, at) => ({
      ...story,
      id: `urn:uuid:${at}`,
      link: `https://new.example/story-${at}`,
    })),
  );
  expect(await feedApp.poll()).toMatchObject({ found: 15, added: 0 });
  const moved = server.articles.map((story) => ({
    ...story,
    id: `${story.id}-b`,
    link: `${story.link ?? ''}-b`,
    text: `${story.text ?? ''} Moved.`,
    date: new Date(new Date(story.date ?? 0).getTime() + HOUR_MS / 4),
  }));
  server.articles.splice(0, 15, ...moved);
  await feedApp.poll();
  await app.runDueJobs();
  const rows = await states(feedApp);
  expect(rows.filter(([, state]) => state === 'released' || state === 'waiting')).toEqual([]);
  expect(rows.filter(([, state]) => state === 'held')).toHaveLength(15);
});

test('a feed that is removed and added again at another address brings nothing twice', async () => {
  const feedApp = await openFeedTestApp();
  const { app, server, publication } = feedApp;
  await feedApp.follow();
  feedApp.addToFeed(tide);
  await feedApp.poll();
  await app.runDueJobs();
  server.setResponse(
    '/new.xml',
    rssResponse([
      { ...tide, id: 'urn:tide' },
      { id: 'ebb', title: 'The ebb' },
    ]),
  );
  const added = await addFeed(app.context, {
    publicationId: publication.id,
    url: `${server.origin}/new.xml`,
    includeNewest: 5,
  });
  if (added.kind !== 'added') throw new Error('The feed was not added');
  expect(await pollFeed(app.context, added.feedId)).toMatchObject({ added: 1 });
});

async function states(feedApp: FeedTestApp): Promise<[title: string, state: string, categories: string[]][]> {
  const articles = await listArticles(feedApp.app.context.db, feedApp.publication.id, 1000);
  return articles.map(({ title, state, categories }) => [title, state, categories]);
}
