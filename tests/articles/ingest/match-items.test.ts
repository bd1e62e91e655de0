import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalLink } from '../../../src/articles/clean/canonical-link.js';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { listArticles } from '../../../src/articles/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { NewPublication } from '../../../src/publications/publication.js';
import { createConfirmedReader } from '../../support/reader-actions.js';
import { rssResponse, type FeedArticle } from '../../support/feed-server.js';
import { openFeedTestApp, articleHoursAgo, type FeedTestApp } from '../../support/feed-test-app.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

const rooms: FeedTestApp[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

describe('a link', () => {
  test('is the same page by whatever way one comes to it', () => {
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

/** What a second look at the feed finds new after the publisher changed its only article so. */
async function newAfter(before: FeedArticle, after: FeedArticle): Promise<number> {
  const room = await newsroom();
  await room.follow();
  room.addToFeed(before);
  await room.poll();
  await room.app.runDueJobs();
  room.server.articles.splice(0, 1, after);
  const polled = await room.poll();
  expect(await pollAfresh(room)).toMatchObject({ added: 0 });
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
  const room = await newsroom();
  const home = 'https://paper.example/episodes';
  await room.follow();
  const episode = (number: number) =>
    articleHoursAgo(room.app, 30 - number, {
      id: `show ${number}`,
      title: `Episode ${number}`,
      text: `Talk ${number}.`,
      link: home,
    });
  room.addToFeed(episode(1), episode(2));
  expect(await room.poll()).toMatchObject({ added: 2 });
  room.addToFeed(episode(3));
  expect(await room.poll()).toMatchObject({ added: 1 });
  expect(await pollAfresh(room)).toMatchObject({ added: 0 });
  await room.app.runDueJobs();
  const rows = await states(room);
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
  const room = await newsroom();
  room.addToFeed(article(1), article(2));
  await room.follow();
  room.addToFeed(article(3));
  expect(await room.poll()).toMatchObject({ added: 1 });
  room.server.articles.pop();
  room.addToFeed(article(4));
  expect(await room.poll()).toMatchObject({ added: 1 });
  await room.app.runDueJobs();
  const rows = (await states(room)).map(([title, state]) => `${title.slice(-1)} ${state}`);
  expect(rows.toSorted()).toEqual(['1 skipped', '2 skipped', '3 released', '4 released']);
});

test('one that stands twice in a feed is one', async () => {
  const room = await newsroom();
  await room.follow();
  room.addToFeed(tide, { ...tide, id: 'tide-2' }, tide);
  expect(await room.poll()).toMatchObject({ added: 1 });
  expect(await pollAfresh(room)).toMatchObject({ added: 0 });
});

test('a site feed and a category feed with the same article mail it once, under the topics of both', async () => {
  const room = await newsroom({ defaultCadence: 'instant', holdMinutes: 10 });
  const { app, server } = room;
  await createConfirmedReader(app, 'ana@example.com');
  const category = `${server.origin}/harbour.xml`;
  server.setResponse('/harbour.xml', rssResponse([]));
  const site = await room.follow();
  const harbour = await room.follow(0, category);
  room.addToFeed({ ...tide, link, categories: ['Town'] });
  server.setResponse(
    '/harbour.xml',
    rssResponse([{ ...tide, id: 'h-1', link, text: 'It came…', categories: ['Harbour'] }]),
  );
  const before = app.smtp.messages.length;
  const polls = await Promise.all([pollFeed(app.context, harbour.id), pollFeed(app.context, site.id)]);
  expect(polls.map((polled) => (polled.kind === 'polled' ? polled.added : -1)).toSorted()).toEqual([0, 1]);
  app.advanceClock(10 * 60_000);
  await room.runScheduledJob('release-due');
  expect(app.smtp.messages).toHaveLength(before + 1);
  const rows = await states(room);
  expect(rows.map(([, state, categories]) => [state, categories.toSorted()])).toEqual([
    ['released', ['Harbour', 'Town']],
  ]);
  for (const { id } of [site, harbour, site]) await pollFeed(app.context, id);
  expect((await states(room))[0]?.[2].toSorted()).toEqual(['Harbour', 'Town']);
});

test('the feed that an article came from has the say over its words; the other one changes nothing', async () => {
  const room = await newsroom();
  const { app, server } = room;
  server.setResponse('/b.xml', rssResponse([]));
  const site = await room.follow();
  const other = await room.follow(0, `${server.origin}/b.xml`);
  room.addToFeed({ ...tide, link });
  await pollFeed(app.context, site.id);
  server.setResponse('/b.xml', rssResponse([{ ...tide, id: 'b', link, text: 'Teaser.' }]));
  await pollFeed(app.context, other.id);
  const [article] = Object.values(await room.articles());
  expect(article?.contentHtml).toContain('It came early.');
});

test('an article that was pushed and then shows up in the feed is one, and so is the reverse', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { app, publication } = room;
  await room.follow();
  const pushed = await pushArticle(app.context, publication, {
    title: tide.title,
    url: `${link}?utm_source=cms`,
    summary: 'By hand.',
  });
  room.addToFeed({ ...tide, link, categories: ['Harbour'] });
  expect(await room.poll()).toMatchObject({ added: 0 });
  const [article] = Object.values(await room.articles());
  expect(article).toMatchObject({ feedId: null, contentHtml: '', categories: ['Harbour'], state: 'waiting' });
  const again = await pushArticle(app.context, publication, { title: tide.title, url: link });
  expect(again).toEqual({ kind: 'known', id: pushed.id });

  room.addToFeed({ id: 'ebb', title: 'The ebb' });
  await room.poll();
  const { ebb } = await room.articles();
  const known = { title: 'The ebb', url: 'http://www.paper.example/ebb/', externalId: 'cms-9' };
  expect(await pushArticle(app.context, publication, known)).toEqual({ kind: 'known', id: ebb?.id });
  // Its new name is remembered.
  const renamed = { title: 'The low water', externalId: 'cms-9' };
  expect(await pushArticle(app.context, publication, renamed)).toEqual({ kind: 'known', id: ebb?.id });
});

test('a site that moves, with new ids, addresses and dates to the second, mails nobody', async () => {
  const room = await newsroom();
  const { app, server } = room;
  await createConfirmedReader(app, 'ana@example.com');
  const stories = Array.from({ length: 15 }, (_, at) =>
    articleHoursAgo(app, at + 1, {
      id: `p${at}`,
      title: `Story ${at}`,
      text: `Words of story ${at}.`,
      link: `https://old.example/?p=${at}`,
    }),
  );
  room.addToFeed(...stories);
  await room.follow();
  server.articles.splice(
    0,
    15,
    ...stories.map((story, at) => ({
      ...story,
      id: `urn:uuid:${at}`,
      link: `https://new.example/story-${at}`,
    })),
  );
  expect(await room.poll()).toMatchObject({ found: 15, added: 0 });
  const moved = server.articles.map((story) => ({
    ...story,
    id: `${story.id}-b`,
    link: `${story.link ?? ''}-b`,
    text: `${story.text ?? ''} Moved.`,
    date: new Date((story.date?.getTime() ?? 0) + HOUR_MS / 4),
  }));
  server.articles.splice(0, 15, ...moved);
  await room.poll();
  await app.runDueJobs();
  const rows = await states(room);
  expect(rows.filter(([, state]) => state === 'released' || state === 'waiting')).toEqual([]);
  expect(rows.filter(([, state]) => state === 'held')).toHaveLength(15);
});

test('a feed that is left and followed again at another address brings nothing twice', async () => {
  const room = await newsroom();
  const { app, server, publication } = room;
  await room.follow();
  room.addToFeed(tide);
  await room.poll();
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

/** Looks at the feed as if it had changed. */
async function pollAfresh(room: FeedTestApp): ReturnType<FeedTestApp['poll']> {
  await room.app.context.db.run(sql`update feeds set etag = null`);
  return room.poll();
}

async function states(room: FeedTestApp): Promise<[title: string, state: string, categories: string[]][]> {
  const articles = await listArticles(room.app.context.db, room.publication.id, 1000);
  return articles.map(({ title, state, categories }) => [title, state, categories]);
}

async function newsroom(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const room = await openFeedTestApp(settings);
  rooms.push(room);
  return room;
}
