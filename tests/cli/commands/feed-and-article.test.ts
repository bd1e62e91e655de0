import { createLog } from '../../../src/platform/log.js';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Article } from '../../../src/articles/article.js';
import type { Feed } from '../../../src/articles/feeds/feed.js';
import { pollFeed } from '../../../src/articles/poll/poll-feed.js';
import { readConfig } from '../../../src/platform/config.js';
import { createFetcher } from '../../../src/platform/fetch/fetch-page.js';
import { rssResponse, startFeedServer, type FeedServer } from '../../support/feed-server.js';
import { countRows, createLantern, openTerminal, type Terminal } from '../open-terminal.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../src/platform/durations.js';

let terminal: Terminal;
jest.setTimeout(90_000);
let server: FeedServer;

beforeEach(async () => {
  terminal = await openTerminal();
  server = await startFeedServer();
  await createLantern(terminal.db);
});

afterEach(async () => {
  await server.close();
  await terminal.close();
});

test('a feed is added, polled at once, listed and removed', async () => {
  const { run, json } = terminal;
  server.articles.push({ id: 'a', title: 'A' }, { id: 'b', title: 'B' });
  expect(await run('feed', 'list')).toMatchObject({ code: 0, stdout: 'There is no feed yet.\n' });
  const added = await json<{ feedId: string }>('feed', 'add', server.url, '--include-newest', '1');
  expect(added).toEqual({
    feedId: expect.any(String),
    url: server.url,
    polled: { kind: 'polled', found: 2, added: 2, waiting: 1, held: 0 },
  });
  const again = await run('feed', 'add', server.url);
  expect([again.code, again.stderr]).toEqual([
    1,
    'This publication follows that feed already. Nothing was changed.\n',
  ]);
  const feeds = await json<Feed[]>('feed', 'list');
  expect(feeds).toMatchObject([{ id: added.feedId, url: server.url, title: 'The Paper', failure: null }]);
  const articles = await json<Article[]>('article', 'list');
  expect(articles.map(({ externalId, state }) => [externalId, state]).toSorted()).toEqual([
    ['a', 'waiting'],
    ['b', 'skipped'],
  ]);
  expect((await run('feed', 'list')).stdout).toMatch(
    new RegExp(
      `^Id +Address +State\n${added.feedId}  ${server.url}  Looked at a moment ago, again in \\d+ minutes\\.\n$`,
    ),
  );
  expect(await run('feed', 'remove', server.url)).toMatchObject({ code: 0 });
  expect(await json('feed', 'list')).toEqual([]);
  const gone = await run('feed', 'remove', added.feedId);
  expect([gone.code, gone.stderr]).toEqual([
    1,
    'This publication does not follow that feed. Nothing was changed.\n',
  ]);
});

test('whoever adds a feed is told what becomes of each of its articles', async () => {
  const { run } = terminal;
  const at = (days: number) => new Date(Date.now() + days * DAY_MS);
  server.articles.push({ id: 'a', title: 'A', date: at(400) }, { id: 'b', title: 'B', date: at(-1) });
  const { stdout } = await run('feed', 'add', server.url, '--include-newest', '1');
  expect(stdout).toBe(
    `Following ${server.url}: 2 articles there now. 1 article will be sent, everything else there counts as read.\n`,
  );
  expect(server.requests.map(({ path }) => path)).toEqual(['/feed.xml']);
  expect(await run('feed', 'remove', server.url)).toMatchObject({ code: 0 });
  const other = `${server.origin}/other.xml`;
  server.setResponse('/other.xml', rssResponse([{ id: 'far', title: 'Far', date: at(300) }]));
  expect((await run('feed', 'add', other, '--include-newest', '3')).stdout).toMatch(
    /1 article there now\. 0 articles will be sent, .*\nHeld: 1 article, dated more than a week ahead; "article holds" shows what to do\.\n$/,
  );
  server.setResponse('/gone.xml', { status: 410 });
  const gone = await run('feed', 'add', `${server.origin}/gone.xml`);
  expect(gone.stdout).toMatch(
    /the first look failed\. Gone: .* \(410\), so we do not look there any more\. /,
  );
});

test('a feed is looked at when somebody asks, at most every half a minute, and what is new is said', async () => {
  const { run, json, db } = terminal;
  server.articles.push({ id: 'a', title: 'A' });
  const { feedId } = await json<{ feedId: string }>('feed', 'add', server.url);
  server.articles.unshift({ id: 'b', title: 'B' });
  const soon = await run('feed', 'poll', feedId);
  expect([soon.code, soon.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^It was looked at less than half a minute ago\. The next look is due at 20.*Z\.\n$/,
    ),
  ]);
  expect(server.requests).toHaveLength(1);
  const rest = () => db.run(sql`update feeds set last_polled_at = now() - interval '31 seconds'`);
  await rest();
  expect(await run('feed', 'poll', server.url)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^1 new article will be sent\. 2 articles there now\. Looked at a moment ago, /,
    ),
  });
  await rest();
  expect((await run('feed', 'poll', feedId)).stdout).toMatch(
    /^Nothing has changed\. Looked at a moment ago, /,
  );
  await rest();
  server.setResponse('/feed.xml', { status: 410 });
  const gone = await run('feed', 'poll', feedId, '--json');
  expect([gone.code, JSON.parse(gone.stdout)]).toEqual([
    1,
    { feedId, url: server.url, polled: { kind: 'failed', reason: expect.stringContaining('(410)') } },
  ]);
  await rest();
  server.setResponse('/feed.xml', undefined);
  server.articles.unshift({ id: 'c', title: 'C' });
  expect((await run('feed', 'poll', feedId)).stdout).toMatch(/^1 new article will be sent\. /);
  expect((await run('feed', 'poll', `${server.url}?other`)).code).toBe(1);
});

test('a feed that cannot be read is added all the same, and the reason is reported', async () => {
  const { run, json } = terminal;
  server.setResponse('/feed.xml', { status: 404 });
  const { stdout, code } = await run('feed', 'add', server.url);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Added .*feed\.xml, but the first look failed\. .*status 404\)\. That began a moment ago\. We look again in \d+ minutes\. It has never been read: what it holds then counts as read\.$/m,
  );
  expect((await run('feed', 'list')).stdout).toMatch(
    /nothing at this address \(status 404\)\. That began a moment ago\. We look again in \d+ minutes\. It has never been read: what it holds then counts as read\.$/m,
  );
  const reason = `${new URL(server.url).host} has nothing at this address (status 404).`;
  expect(await json('feed', 'list')).toMatchObject([{ url: server.url, failure: reason }]);
  const other = `${server.url}?other`;
  expect(await json('feed', 'add', other)).toMatchObject({ url: other, polled: { kind: 'failed', reason } });
});

test('an invalid address or number is refused before anything is stored', async () => {
  const { run, db } = terminal;
  const [word, number, missing] = await Promise.all([
    run('feed', 'add', 'paper.example'),
    run('feed', 'add', server.url, '--include-newest', 'all'),
    run('feed', 'add'),
  ]);
  expect([word.code, word.stderr]).toEqual([2, 'That is not a web address: paper.example\n']);
  expect(number).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('It is a whole number from 0 to 999.'),
  });
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("missing required argument 'url'"),
  });
  expect(await countRows(db, 'feeds')).toBe(0);
});

test('an article is added by hand, held, released and skipped, each only while it can be', async () => {
  const { run, json } = terminal;
  expect(await run('article', 'list')).toMatchObject({ code: 0, stdout: 'There is no article yet.\n' });
  const words = ['article', 'add', '--title', 'The tide', '--url', 'https://lantern.example/tide'];
  const before = Date.now();
  const added = await json<{ id: string; releaseAt: string }>(
    ...[...words, '--summary', 'It is in.', '--author', 'Ada Quay', 'Ben Dock'],
  );
  expect(added).toMatchObject({ kind: 'added', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(Math.abs(Date.parse(added.releaseAt) - before - 600_000)).toBeLessThan(30_000);
  const [article] = await json<Article[]>('article', 'list');
  expect(article).toMatchObject({
    ...{ id: added.id, title: 'The tide', summary: 'It is in.', authors: ['Ada Quay', 'Ben Dock'] },
    ...{ url: 'https://lantern.example/tide', state: 'waiting', seq: null, feedId: null },
  });
  const known = await run(...words);
  expect([known.code, known.stderr]).toEqual([
    1,
    'This publication has that article already. Nothing was changed.\n',
  ]);

  const bare = await run('article', 'add', '--title', 'Bare');
  expect(bare.stdout).toMatch(
    /^Added, and held\. It has a title, but neither text nor picture\. To let it go: npx paperround article release [0-9a-f-]{36}\n$/,
  );
  expect((await run('article', 'retract', bare.stdout.trim().slice(-36))).code).toBe(0);

  const state = async () =>
    (await json<Article[]>('article', 'list')).find(({ id }) => id === added.id)?.state;
  expect(await run('article', 'hold', added.id)).toEqual({ code: 0, stdout: 'Done.\n', stderr: '' });
  expect((await run('article', 'list')).stdout).toContain('An operator held it.');
  expect((await run('article', 'hold', added.id)).code).toBe(1);
  expect((await run('article', 'release', added.id)).code).toBe(0);
  expect(await state()).toBe('waiting');
  expect((await run('article', 'skip', added.id)).code).toBe(0);
  expect(await state()).toBe('skipped');
  const late = await run('article', 'release', added.id);
  expect([late.code, late.stderr]).toEqual([
    1,
    'There is no such article, or it was released or skipped before. Nothing was changed.\n',
  ]);
});

test('held articles are listed with their reason and decided together; one article is retracted', async () => {
  const { run, json } = terminal;
  expect((await run('article', 'holds')).stdout).toBe('No article is held.\n');
  const { feedId } = await json<{ feedId: string }>('feed', 'add', server.url);
  const now = Date.now();
  for (let at = 0; at < 24; at += 1)
    server.articles.push({ id: `f${at}`, title: `Flood ${at}`, date: new Date(now - at * 60_000) });
  await pollFeedOnce(feedId);
  const [hold] = await json<{ id: string; count: number; code: string }[]>('article', 'holds');
  expect(hold).toMatchObject({ count: 24, code: 'flood' });
  expect((await run('article', 'holds')).stdout).toContain(
    `24 new articles arrived at once.  The Paper (${server.url})\n`,
  );
  expect(await json('article', 'list', '--state', 'held')).toHaveLength(24);
  const [one] = await json<Article[]>('article', 'list', '--state', 'held');
  expect(await run('article', 'retract', one?.id ?? '')).toMatchObject({ code: 0, stdout: 'Done.\n' });
  const [nothing, unsure, both] = await Promise.all([
    run('article', 'release'),
    run('article', 'release', '--held'),
    run('article', 'release', '--held', '--all', '--newest', '3'),
  ]);
  expect([nothing.code, unsure.code, both.code]).toEqual([2, 2, 2]);
  const decided = await run('article', 'release', '--held', '--newest', '3');
  expect(decided).toEqual({ code: 0, stdout: 'Released 3. Counted as already sent: 20.\n', stderr: '' });
  const again = await run('article', 'skip', '--held', hold?.id ?? '');
  expect([again.code, again.stderr]).toEqual([
    1,
    'There is no such hold, or it was decided before. Nothing was changed.\n',
  ]);
});

test('an article without a title, a broken address and an invalid id are misuse', async () => {
  const { run, db } = terminal;
  const [untitled, broken, noId] = await Promise.all([
    run('article', 'add'),
    run('article', 'add', '--title', 'A', '--url', 'lantern.example/a'),
    run('article', 'release', '17'),
  ]);
  expect(untitled).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'--title <title>' not specified"),
  });
  expect([broken.code, broken.stderr]).toEqual([2, 'That is not a web address: lantern.example/a\n']);
  expect([noId.code, noId.stderr]).toEqual([
    2,
    expect.stringMatching(/^That is not the id of an article: 17\n.* paperround article list\n$/),
  ]);
  expect(await countRows(db, 'articles')).toBe(0);
});

/** What a worker does when the feed is due. */
async function pollFeedOnce(feedId: string): Promise<void> {
  const { fetchAllow } = readConfig(terminal.environment);
  const fetchPage = createFetcher({ allow: fetchAllow, userAgent: 'Paperround test' });
  await pollFeed({ db: terminal.db, now: () => new Date(), fetchPage, log: createLog('silent') }, feedId);
}
