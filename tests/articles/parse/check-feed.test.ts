import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FeedReport } from '../../../src/articles/parse/feed-report.js';
import { startFeedServer, type FeedServer } from '../../support/feed-server.js';
import { compileCheckout, runPaperround } from '../../support/paperround-process.js';

let folder: string;
let server: FeedServer;

/** The command must not need a database: the named one is not there, and nothing would start one. */
const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/none', FETCH_ALLOW: '127.0.0.1' };

const RSS = `<?xml version="1.0"?><rss version="2.0"><channel><title>The Paper</title><link>/</link>
  <item><title>Boats</title><link>/boats</link><guid isPermaLink="false">b1</guid><description>&lt;p&gt;Words.&lt;/p&gt;</description>
  <pubDate>Sat, 07 Mar 2026 08:00:00 +0300</pubDate><category>Sea</category></item>
  <item><title>Nets</title><guid isPermaLink="false">b2</guid></item></channel></rss>`;

beforeAll(async () => {
  await compileCheckout();
  server = await startFeedServer();
  folder = mkdtempSync(join(tmpdir(), 'paperround-feeds-'));
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'b.xml'), RSS);
  writeFileSync(join(folder, 'deep/a.txt'), RSS);
  writeFileSync(join(folder, 'packed.rss'), gzipSync(RSS));
  writeFileSync(join(folder, 'LICENSE'), 'Do what you like.');
  writeFileSync(join(folder, 'page.html'), '<!DOCTYPE html><html><body>No feed</body></html>');
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function check(...words: string[]) {
  const { code, stdout, stderr } = await runPaperround(['feed', 'check', ...words], environment);
  return { code, stdout, stderr };
}

async function checkJson(...words: string[]): Promise<{ code: number | null; reports: FeedReport[] }> {
  const { code, stdout, stderr } = await check(...words, '--json');
  expect(stderr).toBe('');
  const reports = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as FeedReport);
  return { code, reports };
}

test('a file is reported in one line of JSON, with what following it would store, without any server', async () => {
  const file = join(folder, 'b.xml');
  const { code, reports } = await checkJson(file, '--base-url', 'https://paper.example/feed.xml');
  expect(code).toBe(0);
  expect(reports).toEqual([
    {
      source: file,
      ok: true,
      feed: { title: 'The Paper', url: 'https://paper.example/', description: null, language: null },
      articles: [
        {
          id: 'b1',
          url: 'https://paper.example/boats',
          title: 'Boats',
          summary: 'Words.',
          content: '<p>Words.</p>',
          authors: [],
          image: null,
          categories: ['Sea'],
          published: '2026-03-07T05:00:00.000Z',
          updated: null,
        },
        {
          id: 'b2',
          url: null,
          title: 'Nets',
          summary: '',
          content: '',
          authors: [],
          image: null,
          categories: [],
          published: null,
          updated: null,
        },
      ],
    },
  ]);
});

test('of a folder every file that is a feed is read, in the order of their paths', async () => {
  const { code, reports } = await checkJson(folder);
  expect(code).toBe(0);
  expect(
    reports.map(({ source, ok, articles }) => [source.slice(folder.length), ok, articles.length]),
  ).toEqual([
    ['/b.xml', true, 2],
    ['/deep/a.txt', true, 2],
    ['/packed.rss', true, 2],
  ]);
});

test('what is no feed, or not there, is reported in one line too, and by the exit code', async () => {
  const { code, reports } = await checkJson(
    join(folder, 'b.xml'),
    join(folder, 'page.html'),
    join(folder, 'gone'),
    'ftp://paper.example/feed.xml',
  );
  expect(code).toBe(1);
  expect(reports.map(({ ok, error }) => [ok, error])).toEqual([
    [true, undefined],
    [false, expect.stringMatching(/web page, not a feed/)],
    [false, 'There is no such file.'],
    [false, 'Only addresses with http:// or https:// can be read.'],
  ]);
  expect(reports[2]).toMatchObject({ feed: { title: null, url: null }, articles: [] });
});

test('an address is fetched only where the SSRF guard allows it, and a page leads to the feed it names', async () => {
  server.articles.push({ id: 'a', title: 'A' });
  const page = server.url.replace('/feed.xml', '/page');
  server.setResponse('/page', {
    status: 200,
    body: '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
  });
  const { code, reports } = await checkJson(server.url, page);
  expect(code).toBe(0);
  expect(reports.map(({ source, articles }) => [source, articles[0]?.title])).toEqual([
    [server.url, 'A'],
    [page, 'A'],
  ]);
  server.setResponse('/feed.xml', { status: 404 });
  expect((await checkJson(page)).reports[0]?.error).toMatch(
    /^This is a web page\. It names the feed http:.*\/feed\.xml, which cannot be read: .*404\)\.$/,
  );
  const guarded = await checkJson('http://10.0.0.1/feed.xml');
  expect(guarded).toMatchObject({ code: 1, reports: [{ ok: false, error: expect.any(String) }] });
});

test('without --json it prints a table with the warnings', async () => {
  const { code, stdout } = await check(folder, join(folder, 'page.html'));
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Feed +Title +Articles +Newest +Language +Odd\n/);
  expect(stdout).toMatch(
    /b\.xml +The Paper +2 +2026-03-07 +1 with a relative link, and nothing to resolve it against \(--base-url for files\); 1 without a link; 1 without a date; 1 without words\n/,
  );
  expect(stdout).toMatch(/page\.html .*This is a web page, not a feed\..*\n\n1 of 4 cannot be read\.\n$/);
});

test('dates whose time zone is unclear are named with it, and with what becomes of them', async () => {
  const dates = ['07 Mar 2026 08:00:00 WIB', '2026-03-07 08:00', '2026-03-07', '07 Mar 2026 08:00:00 +0700'];
  const items = dates.map((date, at) => `<item><title>No. ${at}</title><pubDate>${date}</pubDate></item>`);
  const file = join(folder, 'deep/zones.txt');
  writeFileSync(file, `<rss version="2.0"><channel><title>T</title>${items.join('')}</channel></rss>`);
  const { stdout } = await check(file);
  rmSync(file);
  expect(stdout).toContain('1 dated in an unclear time zone (WIB): a date ahead counts as now; ');
  expect(stdout).toContain('2 dated without a time zone: a date ahead counts as now; ');
});

test('a base that is no web address is refused', async () => {
  expect(await check(join(folder, 'b.xml'), '--base-url', 'paper.example')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'That is not a web address: paper.example\n',
  });
});
