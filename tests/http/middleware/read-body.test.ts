import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createToken } from '../../../src/operators/api-token.js';
import { countRows, post, readMails } from '../../support/reader-actions.js';
import { closeFeedTestApps, openFeedTestApp } from '../../support/feed-test-app.js';
import { beginRequest, type RawRequest } from '../../support/raw-request.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { waitUntil } from '../../support/wait-until.js';

const MB = 1024 * 1024;
const UUID = '019aa000-0000-7000-8000-000000000001';

let testApp: TestApp;
let requests: RawRequest[] = [];

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
});
afterEach(() => {
  for (const { socket } of requests) socket.destroy();
  requests = [];
});
afterAll(() => testApp.close());

function begin(path: string, headers: Record<string, string | number> = {}, method = 'POST'): RawRequest {
  const request = beginRequest(testApp.url, method, path, {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'text/html',
    ...headers,
  });
  requests.push(request);
  return request;
}

const token = 'A'.repeat(82);

test.each([
  ['/websub/nonsense', 404],
  [`/websub/${UUID}`, 404],
  ['/hooks/feed/nonsense', 404],
  ['/nowhere/subscriptions', 404],
  ['/nowhere/manage', 404],
  ['/nowhere/at/all', 404],
  [`/confirm/${token}`, 404],
  [`/confirm/${token}/resend`, 404],
  [`/unsubscribe/${token}`, 404],
  [`/unsubscribe/${token}/reason`, 404],
  [`/never/${token}`, 404],
  [`/manage/${token}/choices`, 404],
  [`/manage/${token}/address`, 404],
  [`/manage/${token}/erase`, 404],
  [`/check-inbox/${token}/resend`, 404],
  [`/operator/publications/lantern/digests/${UUID}/approve`, 401],
  ['/operator/publications/lantern/readers/held/release', 401],
  ['/api/v1/articles', 401],
  ['/api/v1/nowhere', 404],
])('POST %s is answered (%i) without its body, which names nothing that is there', async (path, status) => {
  const request = begin(path, { 'content-length': 5 * MB });
  expect(await request.status()).toBe(status);
});

test('60 bodies of 5 MB for an address that names nothing are not held', async () => {
  const before = process.memoryUsage();
  const part = Buffer.alloc(5 * MB - 1, 'x');
  for (let count = 0; count < 60; count += 1)
    begin('/websub/nonsense', { 'content-length': 5 * MB }).send(part);
  for (const request of requests) expect(await request.status()).toBe(404);
  const { arrayBuffers } = process.memoryUsage();
  expect((arrayBuffers - before.arrayBuffers) / MB).toBeLessThan(60);
}, 60_000);

test('a form that is cut off before its end does nothing', async () => {
  expect((await post(`${testApp.url}/lantern/subscriptions`, { email: 'ada@example.com' })).status).toBe(303);
  await testApp.runDueJobs();
  const [mail] = await readMails(testApp);
  const path = new URL(mail?.links.find((link) => link.includes('/confirm/')) ?? '').pathname;
  const request = begin(path, { 'content-length': 1000 });
  request.send('cadence=weekly');
  request.socket.end();
  await waitUntil(() => request.hasEnded());
  expect(await countRows(testApp, 'consents')).toBe(0);
  const quick = begin(path, { 'content-length': 1000 });
  quick.socket.destroySoon();
  await waitUntil(() => quick.hasEnded());
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await countRows(testApp, 'consents')).toBe(0);
});

test('programs may send so many large bodies at once and no more; small ones do not count as large', async () => {
  const { token: secret } = await createToken(testApp.context, { name: 'sync', scopes: ['write'] });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const large = { ...headers, 'content-length': 2 * MB };
  for (let count = 0; count < 32; count += 1) begin('/api/v1/articles', large).send('{');
  const reader = { 'content-length': 2 * MB, ...headers };
  let refused: RawRequest | undefined;
  await waitUntil(async () => {
    refused = begin('/api/v1/articles', reader);
    return (await Promise.race([refused.status(), new Promise((done) => setTimeout(done, 300))])) === 503;
  });
  expect(refused?.answer()).toMatch(/retry-after: 5\r\n/i);
  expect(refused?.answer()).toContain('"code":"unavailable"');
  expect(refused?.answer()).toContain('Nothing was saved.');
  for (const { socket } of requests) socket.destroy();
  await waitUntil(async () => {
    const again = begin('/api/v1/articles', { ...headers, 'content-length': 2 });
    again.send('{}');
    return (await again.status()) === 422;
  });
});

afterEach(closeFeedTestApps);

test('a hub’s notification is read piece by piece, and not at all without a signature', async () => {
  const feedApp = await openFeedTestApp();
  const hub = `${feedApp.server.origin}/hub`;
  feedApp.server.setResponse('/hub', { status: 202 });
  feedApp.server.setResponse('/feed.xml', {
    status: 200,
    headers: {
      link: `<${hub}>; rel="hub", <https://paper.example/f>; rel="self"`,
      'content-type': 'application/rss+xml',
    },
    body: '<rss version="2.0"><channel><title>The Paper</title></channel></rss>',
  });
  await feedApp.follow();
  await feedApp.runScheduledJob('poll-due');
  const asked = feedApp.server.requests.find(({ path }) => path === '/hub');
  const form = new URLSearchParams(asked?.body ?? '');
  const [callback, secret] = [new URL(form.get('hub.callback') ?? ''), form.get('hub.secret') ?? ''];
  const send = (headers: Record<string, string | number>) => {
    const request = beginRequest(callback.origin, 'POST', callback.pathname, headers);
    requests.push(request);
    return request;
  };
  for (const signature of [{}, { 'x-hub-signature': 'sha256=' }, { 'x-hub-signature': 'md5=00' }])
    expect(await send({ 'content-length': 5 * MB, ...signature }).status()).toBe(202);

  const body = Buffer.alloc(5 * MB, 'x');
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  const before = process.memoryUsage().arrayBuffers;
  const signed = { 'content-length': 5 * MB, 'x-hub-signature': `sha256=${digest}` };
  const waiting = Array.from({ length: 20 }, () => send(signed));
  for (const request of waiting) request.send(body.subarray(0, 5 * MB - 1));
  await waitUntil(() => waiting.every(({ socket }) => socket.writableLength === 0));
  expect((process.memoryUsage().arrayBuffers - before) / MB).toBeLessThan(40);
  feedApp.app.advanceClock(31_000);
  for (const request of waiting) request.send('x');
  for (const request of waiting) expect(await request.status()).toBe(202);
  expect(await feedApp.app.runDueJobs()).toContain('poll-feed');

  const chunked = send({ 'transfer-encoding': 'chunked', 'x-hub-signature': `sha256=${digest}` });
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MB, 'x'), Buffer.from('\r\n')]);
  for (let count = 0; count < 6; count += 1) chunked.send(chunk);
  expect(await chunked.status()).toBe(413);
}, 60_000);
