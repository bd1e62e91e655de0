import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { parseRssFeed } from 'feedsmith';
import { request } from 'undici';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';
import { demoRoutes } from '../../../src/http/development/demo/routes.js';
import { demoSite } from '../../../src/http/development/demo/site.js';
import { publication, templates } from '../../platform/templates/page-fixtures.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const start = new Date('2026-11-22T09:00:00Z');
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

test('the paper starts with eight stories of the last three weeks, newest first, and keeps them', async () => {
  const dir = await newDir();
  const first = await demoSite(dir, () => start).published();
  expect(first).toHaveLength(8);
  const ages = first.map(({ publishedAt }) => start.getTime() - publishedAt.getTime());
  expect(ages).toEqual(ages.toSorted((a, b) => a - b));
  expect(Math.max(...ages)).toBeLessThan(22 * DAY_MS);
  const monthLater = new Date('2026-12-22T09:00:00Z');
  expect(await demoSite(dir, () => monthLater).published()).toEqual(first);
});

test('the button always publishes one more, and no two articles share a name', async () => {
  const site = demoSite(await newDir(), () => start);
  for (let press = 0; press < 12; press++) await site.publishNext();
  const published = await site.published();
  expect(new Set(published.map(({ slug }) => slug)).size).toBe(20);
  expect(published[0]?.title).toBe('Tide tables, note 20');
  expect(published.filter(({ title }) => title.startsWith('Tide tables'))).toHaveLength(4);
  expect(await site.find('tide-tables-note-17')).toMatchObject({ title: 'Tide tables, note 17' });
});

test('two presses at the same moment are two articles', async () => {
  const site = demoSite(await newDir(), () => start);
  const [one, two] = await Promise.all([site.publishNext(), site.publishNext()]);
  expect(one.slug).not.toBe(two.slug);
  expect(await site.published()).toHaveLength(10);
});

test('a story that was not published is not found', async () => {
  const dir = await newDir();
  const { url, site } = await serve({ dir });
  const { slug } = await demoSite(await newDir(), () => start).publishNext();
  expect((await fetch(`${url}/demo/articles/${slug}`)).status).toBe(404);
  await site.publishNext();
  expect((await fetch(`${url}/demo/articles/${slug}`)).status).toBe(200);
});

test('pressing the button reads the feed before the new article is shown', async () => {
  const seen: string[] = [];
  const dir = await newDir();
  const { url } = await serve({ dir, onPublish: async () => void seen.push(await stateOf(dir)) });
  const answer = await fetch(`${url}/demo/articles`, { method: 'POST', redirect: 'manual' });
  const location = String(answer.headers.get('location'));
  expect(answer.status).toBe(303);
  expect(location).toMatch(/^\/demo\/articles\/[a-z0-9-]+$/);
  expect(seen).toHaveLength(1);
  expect(seen[0]).toContain(location.replace('/demo/articles/', ''));
});

test('each article ends with the form of the newsletter, and says where it stood', async () => {
  const { url, site } = await serve();
  const slug = (await site.published())[0]?.slug ?? '';
  const page = await (await fetch(`${url}/demo/articles/${slug}`)).text();
  expect(page).toContain('action="/lantern/subscriptions" method="post"');
  expect(page).toContain(`name="source" value="${url}/demo/articles/${slug}"`);
});

test('the feed is RSS that a reader understands, with whole articles', async () => {
  const { url, site } = await serve();
  await site.publishNext();
  const answer = await fetch(`${url}/demo/feed.xml`);
  expect(answer.headers.get('content-type')).toContain('application/rss+xml');
  const items = parseRssFeed(await answer.text()).items ?? [];
  expect(items).toHaveLength(9);
  expect(new Set(items.map((item) => item.guid?.value)).size).toBe(9);
  for (const item of items) {
    expect(item.link).toMatch(new RegExp(`^${url}/demo/articles/`));
    expect(Date.parse(String(item.pubDate))).not.toBeNaN();
    expect(item.dc?.creators?.[0]).toMatch(/^\p{Lu}\p{L}+ \p{L}+$/u);
    expect(item.categories?.[0]?.name).toMatch(/^(Harbour|Town|Kitchen|Shore)$/);
    expect(item.description?.length).toBeGreaterThan(60);
    expect(item.content?.encoded?.split(/\s+/).length).toBeGreaterThan(150);
  }
});

test('every story and note has a small picture of its own kind, which mails may show', async () => {
  const { url, site } = await serve();
  for (let press = 0; press < 9; press++) await site.publishNext();
  const feed = Buffer.from(await (await fetch(`${url}/demo/feed.xml`)).arrayBuffer());
  const parsed = parseFeed(feed, { url: `${url}/demo/feed.xml` });
  const items = parsed.kind === 'feed' ? parsed.feed.items : [];
  expect(items).toHaveLength(17);
  expect(new Set(items.map(({ image }) => image)).size).toBe(17);
  for (const { image = '' } of items) {
    const { type, body } = templates.assets.get(image.replace(`${url}/assets/`, '')) ?? {};
    // SOI marker of JPEG (ISO/IEC 10918-1, table B.1).
    expect([type, body?.subarray(0, 2).toString('hex')]).toEqual(['image/jpeg', 'ffd8']);
    expect(body?.length).toBeLessThan(30_000);
  }
});

test('a feed that has not changed is not sent again', async () => {
  const { url, site } = await serve();
  const etag = String((await fetch(`${url}/demo/feed.xml`)).headers.get('etag'));
  // Not fetch: with If-None-Match it also sends Cache-Control: no-cache, and the server would send everything.
  const again = () => request(`${url}/demo/feed.xml`, { headers: { 'if-none-match': etag } });
  expect((await again()).statusCode).toBe(304);
  await site.publishNext();
  expect((await again()).statusCode).toBe(200);
});

async function serve({ dir, onPublish }: { dir?: string; onPublish?: () => Promise<void> } = {}) {
  const site = demoSite(dir ?? (await newDir()), () => start);
  const app = express();
  const routes = {
    templates,
    site,
    publication: async () => publication,
    offer: async () => ({
      perWeek: 2,
      feedUrl: null,
      topics: [],
      cadences: [],
      changed: false,
      formTime: '',
      underAttack: false,
    }),
    onPublish: onPublish ?? (async () => {}),
  };
  app.use('/demo', demoRoutes(routes));
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { site, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function newDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'demo-'));
}

function stateOf(dir: string): Promise<string> {
  return readFile(join(dir, 'demo.json'), 'utf8');
}
