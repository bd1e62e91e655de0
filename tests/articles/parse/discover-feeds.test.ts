import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addFeed, removeFeed } from '../../../src/articles/feeds/change-feeds.js';
import { discoverFeeds } from '../../../src/articles/parse/discover-feeds.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { listFeeds } from '../../../src/articles/feeds/reads.js';
import { openFeedTestApp, type FeedTestApp, closeFeedTestApps } from '../../support/feed-test-app.js';

afterEach(closeFeedTestApps);

const url = 'https://paper.example/news/';

function found(...links: string[]): string[] {
  const head = `<!doctype html><html><head><title>The Paper</title>${links.join('\n')}</head><body>Hello</body></html>`;
  return discoverFeeds(Buffer.from(head), { url, contentType: 'text/html; charset=utf-8' });
}

const link = (href: string, more = 'type="application/rss+xml"') =>
  `<link rel="alternate" ${more} href="${href}">`;

test.each([
  ['absolute', 'https://feeds.example/all', 'https://feeds.example/all'],
  ['relative', 'feed.xml', 'https://paper.example/news/feed.xml'],
  ['from the root', '/feed.xml', 'https://paper.example/feed.xml'],
  ['upwards', '../feed.xml', 'https://paper.example/feed.xml'],
  ['without a scheme', '//feeds.example/all', 'https://feeds.example/all'],
  ['with entities', '/?feed=rss&amp;lang=en&#38;n=5', 'https://paper.example/?feed=rss&lang=en&n=5'],
  ['with spaces around', '  /feed.xml ', 'https://paper.example/feed.xml'],
  ['a query', '?format=rss', 'https://paper.example/news/?format=rss'],
])('an address %s is resolved', (_how, href, expected) => {
  expect(found(link(href))).toEqual([expected]);
});

test('every kind of feed counts, in any letters; style sheets, pages in other languages and icons do not', () => {
  expect(
    found(
      '<link rel="stylesheet" type="text/css" href="/a.css">',
      '<link rel="alternate" hreflang="sw" href="/sw/">',
      '<link rel="icon" type="image/png" href="/icon.png">',
      '<link rel="alternate" type="application/json+oembed" href="/oembed">',
      '<link rel="self" type="application/atom+xml" href="/self">',
      '<link rel="alternate" type="application/atom+xml">',
      link('/atom', 'type="application/atom+xml"'),
      link('/json', 'type="application/feed+json"'),
      "<LINK HREF='/rss' TYPE='Application/RSS+XML' REL='Alternate Home'>",
      link('/rdf', 'type=application/rdf+xml'),
      link('/atom', 'type="application/atom+xml"'),
    ),
  ).toEqual(['atom', 'json', 'rss', 'rdf'].map((path) => `https://paper.example/${path}`));
});

test('feeds of comments are followed only where a page names no other', () => {
  const comments = [
    link('/comments/feed/', 'type="application/rss+xml" title="The Paper"'),
    link('/c', 'type="application/rss+xml" title="The Paper » Comments Feed"'),
  ];
  const articles = link('/feed/', 'type="application/rss+xml" title="The Paper » Feed"');
  expect(found(...comments, articles)).toEqual(['https://paper.example/feed/']);
  expect(found(...comments)).toEqual(['comments/feed/', 'c'].map((path) => `https://paper.example/${path}`));
});

test('a page does not lead to itself, nor to anything that is not the web', () => {
  expect(
    found(
      link(url),
      link('./'),
      link('javascript:alert(1)'),
      link('data:application/rss+xml,x'),
      link('file:///etc/passwd'),
      link('https://user:secret@paper.example/feed'),
      link('http://['),
      link(''),
      link(`/${'a'.repeat(3000)}`),
    ),
  ).toEqual([]);
});

test('a hostile page is read in a short time: thousands of links, unclosed tags, megabytes, random bytes', () => {
  const many = found(...Array.from({ length: 5000 }, (_, at) => link(`/feed-${at}`)));
  expect(many).toHaveLength(10);
  const started = performance.now();
  expect(found('<link '.repeat(20_000))).toEqual([]);
  expect(found(`<link rel="${'alternate '.repeat(50_000)}" type="x">`)).toEqual([]);
  expect(found('<!--'.repeat(50_000), link('/inside'))).toEqual([]);
  expect(discoverFeeds(Buffer.alloc(2_000_001, 60), { url })).toEqual([]);
  expect(discoverFeeds(Buffer.from([0, 255, 254, 60, 108]), { url })).toEqual([]);
  expect(performance.now() - started).toBeLessThan(5000);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const each of discoverFeeds(
        Buffer.concat([Buffer.from('<link rel=alternate type=application/rss+xml href='), bytes]),
        { url },
      ))
        expect(each).toMatch(/^https?:\/\//);
    }),
    { numRuns: 200 },
  );
});

async function openWithTwoArticles(): Promise<FeedTestApp> {
  const feedApp = await openFeedTestApp();
  feedApp.addToFeed({ id: 'a', title: 'A' }, { id: 'b', title: 'B' });
  return feedApp;
}

const page = (...links: string[]) => ({
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><html><head>${links.join('')}</head><body><p>The Paper</p></body></html>`,
});

test('whoever adds a page follows the feed that it names, under the feed’s own address', async () => {
  const feedApp = await openWithTwoArticles();
  feedApp.server.setResponse('/', page(link('/comments/feed'), link('feed.xml')));
  const feed = await feedApp.follow(1, `${feedApp.server.origin}/`);
  expect(feed).toMatchObject({ url: feedApp.server.url, title: 'The Paper', failure: null });
  expect(Object.keys(await feedApp.articles()).sort()).toEqual(['a', 'b']);
  expect((await feedApp.articles())['b']?.state).not.toBe('skipped');
  expect((await feedApp.articles())['a']?.state).toBe('skipped');
  expect(feedApp.server.requests.map(({ path }) => path)).toEqual(['/', '/feed.xml']);
  expect(await feedApp.poll()).toEqual({ kind: 'not-modified' });
});

test('pages that name each other, or themselves, are not followed round in circles', async () => {
  const feedApp = await openWithTwoArticles();
  feedApp.server.setResponse('/', page(link('/two')));
  feedApp.server.setResponse('/two', page(link('/'), link('/three')));
  feedApp.server.setResponse('/three', page(link('/two')));
  const feed = await feedApp.follow(0, `${feedApp.server.origin}/`);
  expect(feed.failure).not.toBeNull();
  expect(feedApp.server.requests.map(({ path }) => path)).toEqual(['/', '/two']);
  feedApp.server.requests.length = 0;
  feedApp.server.setResponse('/self', page(link('/self'), link('')));
  const { context } = feedApp.app;
  const added = await addFeed(context, {
    publicationId: feedApp.publication.id,
    url: `${feedApp.server.origin}/self`,
    includeNewest: 0,
  });
  if (added.kind !== 'added') throw new Error('It was known');
  expect(await pollFeed(context, added.feedId)).toMatchObject({ kind: 'failed' });
  expect(feedApp.server.requests.map(({ path }) => path)).toEqual(['/self']);
});

test('a page whose feed is followed already is refused with a reason, and the feed is read once', async () => {
  const feedApp = await openWithTwoArticles();
  await feedApp.follow();
  feedApp.server.setResponse('/', page(link('/feed.xml')));
  const { context } = feedApp.app;
  const added = await addFeed(context, {
    publicationId: feedApp.publication.id,
    url: `${feedApp.server.origin}/`,
    includeNewest: 5,
  });
  if (added.kind !== 'added') throw new Error('It was known');
  expect(await pollFeed(context, added.feedId)).toEqual({
    kind: 'failed',
    failure: { code: 'web-page', linkedFeeds: { kind: 'followed' } },
  });
  const urls = (await listFeeds(context.db, feedApp.publication.id)).map((each) => each.url);
  expect(urls).toEqual([feedApp.server.url, `${feedApp.server.origin}/`]);
  // Another feed that the page names is taken instead.
  feedApp.server.setResponse('/', page(link('/feed.xml'), link('/other.xml')));
  feedApp.server.setResponse('/other.xml', {
    status: 200,
    body: '<rss version="2.0"><channel><title>Other</title></channel></rss>',
  });
  expect(await pollFeed(context, added.feedId)).toMatchObject({ kind: 'polled' });
});

test('a feed that turns into a page is a failing feed: it is not replaced by a feed that the page names', async () => {
  const feedApp = await openWithTwoArticles();
  await feedApp.follow();
  feedApp.server.setResponse('/feed.xml', page(link('/evil.xml')));
  expect(await feedApp.poll()).toMatchObject({ kind: 'failed' });
  expect((await feedApp.feed()).url).toBe(feedApp.server.url);
  expect(feedApp.server.requests.map(({ path }) => path)).not.toContain('/evil.xml');
});

test('a page whose feed was removed before is refused with the feed’s address: adding that brings it back', async () => {
  const feedApp = await openWithTwoArticles();
  const { context } = feedApp.app;
  await removeFeed(context, (await feedApp.follow()).id);
  feedApp.server.setResponse('/', page(link('/feed.xml')));
  const { failure } = await feedApp.follow(0, `${feedApp.server.origin}/`);
  expect(failure).toEqual({
    code: 'web-page',
    linkedFeeds: { kind: 'followed-before', url: feedApp.server.url },
  });
  expect(await feedApp.follow()).toMatchObject({
    url: feedApp.server.url,
    failure: null,
    title: 'The Paper',
  });
});
