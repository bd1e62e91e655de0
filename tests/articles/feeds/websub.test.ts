import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { feedHookUrl } from '../../../src/articles/feeds/hook.js';
import { openFeedTestApp, type FeedTestApp, closeFeedTestApps } from '../../support/feed-test-app.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const TOPIC = 'https://paper.example/feed.xml';

let feedApp: FeedTestApp;
let hub: string;

beforeEach(async () => {
  feedApp = await openFeedTestApp();
  hub = `${feedApp.server.origin}/hub`;
  feedApp.server.setResponse('/hub', { status: 202 });
});
afterEach(closeFeedTestApps);

/** The requests to the hub. */
const asked = () =>
  feedApp.server.requests
    .filter(({ path }) => path === '/hub')
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)));

/** The feed has these articles and names the hub in a header. */
function serve(...ids: string[]): void {
  const items = ids.map((id) => `<item><title>Number ${id}</title><guid>${id}</guid></item>`).join('');
  feedApp.server.setResponse('/feed.xml', {
    status: 200,
    headers: { link: `<${hub}>; rel="hub", <${TOPIC}>; rel="self"`, 'content-type': 'application/rss+xml' },
    body: `<rss version="2.0"><channel><title>The Paper</title>${items}</channel></rss>`,
  });
}

/** Follows the feed and runs the schedule. */
async function followed(): Promise<{ id: string; callback: string; secret: string }> {
  serve('old');
  const { id } = await feedApp.follow();
  await feedApp.runScheduledJob('poll-due');
  const [request] = asked();
  return { id, callback: request?.['hub.callback'] ?? '', secret: request?.['hub.secret'] ?? '' };
}

function verify(callback: string, query: Record<string, string>): Promise<Response> {
  const usual = { mode: 'subscribe', topic: TOPIC, challenge: 'c-1', lease_seconds: '864000' };
  const named = Object.entries(usual).map(([name, value]) => [`hub.${name}`, value]);
  const asks = new URLSearchParams({ ...Object.fromEntries(named), ...query });
  return fetch(`${callback}?${asks.toString()}`);
}

const push = (callback: string, body: string, signature?: string) =>
  fetch(callback, {
    method: 'POST',
    body,
    headers: signature === undefined ? {} : { 'x-hub-signature': signature },
  });

test('a hub that a feed names is asked once, verifies the request, and is asked again before its lease ends', async () => {
  const { id, callback, secret } = await followed();
  expect(asked()).toEqual([
    {
      'hub.mode': 'subscribe',
      'hub.topic': TOPIC,
      'hub.callback': `${feedApp.app.context.publicUrl}/websub/${id}`,
      'hub.lease_seconds': '864000',
      'hub.secret': secret,
    },
  ]);
  expect(secret).toMatch(/^[\w-]{82}$/);
  const answer = await verify(callback, {});
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'text/plain; charset=utf-8',
    'c-1',
  ]);
  const now = feedApp.app.context.now().getTime();
  expect((await feedApp.feed()).hubLeaseUntil).toEqual(new Date(now + 10 * DAY_MS));
  expect(await feedApp.runScheduledJob('poll-due')).not.toContain('subscribe-hub');
  feedApp.app.advanceClock(9 * DAY_MS + HOUR_MS);
  expect(await feedApp.runScheduledJob('poll-due')).toContain('subscribe-hub');
  expect(asked()).toHaveLength(2);
});

test('a subscription that nobody asked for is not confirmed; a hub that refuses is not asked again for hours', async () => {
  const { callback, id } = await followed();
  for (const query of [
    { 'hub.topic': 'https://paper.example/other.xml' },
    { 'hub.mode': 'unsubscribe' },
    { 'hub.mode': 'publish' },
  ])
    expect([query, (await verify(callback, query)).status]).toEqual([query, 404]);
  expect((await verify(callback.replace(id, '00000000-0000-0000-0000-000000000000'), {})).status).toBe(404);
  expect((await verify(callback, { 'hub.mode': 'denied', 'hub.reason': 'no' })).status).toBe(200);
  expect((await feedApp.feed()).hubLeaseUntil).toBeNull();
  expect(await feedApp.runScheduledJob('poll-due')).not.toContain('subscribe-hub');
  feedApp.app.advanceClock(7 * HOUR_MS);
  expect(await feedApp.runScheduledJob('poll-due')).toContain('subscribe-hub');
});

test('a signed push brings what is new at once; one that is signed wrongly gets the same answer, and brings nothing', async () => {
  const { callback, secret } = await followed();
  await verify(callback, {});
  serve('new', 'old');
  feedApp.app.advanceClock(31_000);
  const body = '<rss version="2.0"/>';
  const digest = (method: string, key: string) =>
    `${method}=${createHmac(method, key).update(body).digest('hex')}`;
  for (const signature of [undefined, '', 'sha256=', digest('sha256', 'guess'), `md5=${'0'.repeat(32)}`])
    expect((await push(callback, body, signature)).status).toBe(202);
  expect(await feedApp.app.runDueJobs()).not.toContain('poll-feed');
  expect((await push(callback, body, digest('sha512', secret))).status).toBe(202);
  expect(await feedApp.app.runDueJobs()).toContain('poll-feed');
  expect(Object.keys(await feedApp.articles())).toContain('new');
  expect((await push(callback, 'x'.repeat(5 * 1024 * 1024 + 1), 'sha256=00')).status).toBe(413);
});

test('a feed is polled at once when its site calls the feed’s hook', async () => {
  const feed = await feedApp.follow();
  await feedApp.app.runDueJobs();
  feedApp.addToFeed({ id: 'new', title: 'New' });
  feedApp.app.advanceClock(31_000);
  const url = feedHookUrl(feedApp.app.context, feed);
  expect((await fetch(`${url.slice(0, -3)}AAA`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(url)).status).toBe(404);
  expect(await feedApp.app.runDueJobs()).not.toContain('poll-feed');
  const rung = await fetch(url, {
    method: 'POST',
    body: '{"post":{}}',
    headers: { 'content-type': 'application/json' },
  });
  expect([rung.status, await rung.text()]).toEqual([202, '']);
  expect(await feedApp.app.runDueJobs()).toContain('poll-feed');
  expect(Object.keys(await feedApp.articles())).toContain('new');
});
