import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import { createFetcher, type FetcherSettings } from '../../../src/platform/fetch/fetch-page.js';

const LOOPBACK = ['127.0.0.0/8', '::1'];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(stop));
});

test('a page comes back with its validators and its final address', async () => {
  const { url, seen } = await serve((_, answer) => {
    answer
      .writeHead(200, { 'content-type': 'text/xml', etag: '"1"', 'last-modified': 'yesterday' })
      .end('<rss/>');
  });
  expect(await fetcher()(`${url}/feed?x=1#part`)).toEqual({
    kind: 'fetched',
    url: `${url}/feed?x=1#part`,
    status: 200,
    body: Buffer.from('<rss/>'),
    contentType: 'text/xml',
    etag: '"1"',
    lastModified: 'yesterday',
  });
  expect(seen[0]?.url).toBe('/feed?x=1');
  expect(seen[0]?.headers['user-agent']).toBe('Paperround test');
});

test('the validators of the last response are sent, and 304 means unchanged', async () => {
  const { url, seen } = await serve((_, answer) => answer.writeHead(304).end());
  const page = await fetcher()(url, { etag: 'W/"7"', lastModified: 'Mon, 16 Oct 2017 15:10:00 GMT' });
  expect(page).toEqual({ kind: 'not-modified' });
  expect(seen[0]?.headers).toMatchObject({
    'if-none-match': 'W/"7"',
    'if-modified-since': 'Mon, 16 Oct 2017 15:10:00 GMT',
  });
  expect(await fetcher()(url)).toMatchObject({ kind: 'failed', failure: { code: 'status', status: 304 } });
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
  ['identity', (text: string) => Buffer.from(text)],
])('a body in %s is unpacked', async (encoding, pack) => {
  const text = '<rss>é</rss>'.repeat(1000);
  const { url } = await serve((_, answer) =>
    answer.writeHead(200, { 'content-encoding': encoding }).end(pack(text)),
  );
  const page = await fetcher()(url);
  expect(page).toMatchObject({ kind: 'fetched' });
  expect(page.kind === 'fetched' && page.body.toString()).toBe(text);
});

test.each(['gzip', 'br', 'deflate'])('an empty body in %s is empty', async (encoding) => {
  const { url } = await serve((_, answer) => answer.writeHead(200, { 'content-encoding': encoding }).end());
  expect(await fetcher()(url)).toMatchObject({ kind: 'fetched', body: Buffer.alloc(0) });
});

test('a small file that unpacks to a large one is aborted at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  const { url } = await serve((_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
  expect(await fetcher()(url)).toEqual({
    kind: 'failed',
    failure: { code: 'too-large', host: new URL(url).host, maxKilobytes: 5120 },
  });
});

test('a body that never ends is aborted at the limit', async () => {
  const { url } = await serve((_, answer) => {
    const flood = () => {
      while (!answer.destroyed && answer.write(Buffer.alloc(65_536)));
    };
    answer.on('drain', flood);
    flood();
  });
  expect(await fetcher()(url)).toEqual({
    kind: 'failed',
    failure: { code: 'too-large', host: new URL(url).host, maxKilobytes: 5120 },
  });
});

test('damaged and unknown compressions are failures, not crashes', async () => {
  const { url } = await serve((request, answer) =>
    answer.writeHead(200, { 'content-encoding': request.url?.slice(1) }).end('this is not compressed at all'),
  );
  expect(await fetcher()(`${url}/gzip`)).toMatchObject({
    kind: 'failed',
    failure: { code: 'damaged-compression' },
  });
  expect(await fetcher()(`${url}/br`)).toMatchObject({
    kind: 'failed',
    failure: { code: 'damaged-compression' },
  });
  expect(await fetcher()(`${url}/zstd`)).toMatchObject({
    kind: 'failed',
    failure: { code: 'unknown-compression', encoding: 'zstd' },
  });
});

test('a redirect is followed, and remembered as permanent only when every step was', async () => {
  const { url } = await serve((request, answer) => {
    const [status, to] = { '/a': [301, '/b'], '/b': [308, 'c'], '/t': [302, '/a'] }[request.url ?? ''] ?? [
      200,
      '',
    ];
    answer.writeHead(Number(status), to ? { location: String(to) } : {}).end('done');
  });
  expect(await fetcher()(`${url}/a`)).toMatchObject({ url: `${url}/c`, permanentUrl: `${url}/c` });
  expect(await fetcher()(`${url}/t`)).toMatchObject({ kind: 'fetched', url: `${url}/c` });
  expect(await fetcher()(`${url}/t`)).not.toHaveProperty('permanentUrl');
  expect(await fetcher()(`${url}/c`)).not.toHaveProperty('permanentUrl');
});

test('five redirects are followed, a sixth is not', async () => {
  const { url } = await serve((request, answer) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) answer.end('done');
    else answer.writeHead(302, { location: `/${left - 1}` }).end();
  });
  expect(await fetcher()(`${url}/5`)).toMatchObject({ kind: 'fetched' });
  expect(await fetcher()(`${url}/6`)).toMatchObject({
    kind: 'failed',
    failure: { code: 'too-many-redirects', maxRedirects: 5 },
  });
});

test.each([
  ['http://127.0.0.2/', { code: 'private-address', host: '127.0.0.2' }],
  ['http://[::1]/', { code: 'private-address', host: '[::1]' }],
  ['http://169.254.169.254/latest/meta-data/', { code: 'private-address', host: '169.254.169.254' }],
  ['file:///etc/passwd', { code: 'unsupported-scheme', scheme: 'file:' }],
  ['http://user:secret@127.0.0.1/', { code: 'credentials-in-address' }],
])('a redirect to %s is refused', async (location, failure) => {
  const { url } = await serve((_, answer) => answer.writeHead(302, { location }).end());
  const answer = await fetcher({ allow: ['127.0.0.1'] })(url);
  expect(answer).toEqual({ kind: 'refused', failure });
});

test('a redirect without a usable address is a failure', async () => {
  const { url } = await serve((request, answer) =>
    answer.writeHead(302, request.url === '/empty' ? {} : { location: 'http://[' }).end(),
  );
  const failure = { code: 'redirect-without-address', host: new URL(url).host };
  expect(await fetcher()(`${url}/empty`)).toEqual({ kind: 'failed', failure });
  expect(await fetcher()(`${url}/bad`)).toEqual({ kind: 'failed', failure });
});

test('private addresses are not fetched unless allowed', async () => {
  const { url, seen } = await serve((_, answer) => answer.end('secret'));
  for (const address of [
    url,
    url.replace('127.0.0.1', 'localhost'),
    url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
  ]) {
    expect(await fetcher({ allow: [] })(address)).toEqual({
      kind: 'refused',
      failure: { code: 'private-address', host: new URL(address).hostname },
    });
  }
  expect(seen).toHaveLength(0);
});

test('a name is looked up once, and the connection goes to the addresses that were checked', async () => {
  const { url, port } = await serve((request, answer) => answer.end(request.headers.host));
  const asked: string[] = [];
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const lookup = async (name: string) => {
    asked.push(name);
    return answers[asked.length - 1] ?? [];
  };
  const fetchPage = fetcher({ lookup });
  const rebinding = url.replace('127.0.0.1', 'rebinding.test');
  expect(await fetchPage(rebinding)).toMatchObject({ body: Buffer.from(`rebinding.test:${port}`) });
  expect(asked).toEqual(['rebinding.test']);
  expect(await fetchPage(rebinding)).toMatchObject({ kind: 'refused' });
});

test('a name that turns private between two redirects is refused', async () => {
  const { url, seen } = await serve((_, answer) => answer.writeHead(302, { location: '/again' }).end());
  const answers = [['127.0.0.1'], ['127.0.0.1', '192.168.0.1']];
  const fetchPage = fetcher({ lookup: async () => answers.shift() ?? [] });
  expect(await fetchPage(url.replace('127.0.0.1', 'rebinding.test'))).toMatchObject({ kind: 'refused' });
  expect(seen).toHaveLength(1);
});

test('when one address of a name does not answer, the next one is tried', async () => {
  const { url } = await serve((_, answer) => answer.end('here'));
  const fetchPage = fetcher({ lookup: async () => ['127.0.0.9', '127.0.0.1'] });
  expect(await fetchPage(url.replace('127.0.0.1', 'two.test'))).toMatchObject({ body: Buffer.from('here') });
});

test('410 means that the page is gone for good', async () => {
  const { url } = await serve((_, answer) => answer.writeHead(410).end());
  expect(await fetcher()(url)).toEqual({ kind: 'gone' });
});

test.each([
  [404, {}, undefined],
  [500, {}, undefined],
  [429, { 'retry-after': '120' }, 120],
  [503, { 'retry-after': 'Thu, 01 Jan 2026 00:10:00 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 600],
  [503, { 'retry-after': 'soon' }, undefined],
])('status %i with %j is a failure that names host and status', async (status, headers, retryAfter) => {
  const { url, port } = await serve((_, answer) => answer.writeHead(status, headers).end());
  const answer = await fetcher()(url);
  expect(answer).toMatchObject({
    kind: 'failed',
    failure: { code: 'status', host: `127.0.0.1:${port}`, status },
  });
  expect(answer.kind === 'failed' && answer.retryAfter).toBe(retryAfter);
});

test.each([
  ['never answers', () => {}],
  [
    'stops in the middle',
    (_: IncomingMessage, answer: Parameters<RequestListener>[1]) => void answer.write('<rss'),
  ],
])('a server that %s is given up in time', async (_, listener) => {
  const { url } = await serve(listener);
  const started = Date.now();
  const answer = await fetcher({ timeoutMs: 300 })(url);
  expect(answer).toEqual({ kind: 'failed', failure: { code: 'timeout', host: new URL(url).host } });
  expect(Date.now() - started).toBeLessThan(3000);
});

test('a resolver that never answers is given up in time', async () => {
  const answer = await fetcher({ timeoutMs: 200, lookup: () => new Promise(() => {}) })('http://slow.test/');
  expect(answer).toEqual({ kind: 'failed', failure: { code: 'timeout', host: 'slow.test' } });
});

test('a name that does not exist, a closed port and a hang-up are failures with a reason', async () => {
  const lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  expect(await fetcher({ lookup })('http://nobody.test/')).toEqual({
    kind: 'failed',
    failure: { code: 'unknown-name', host: 'nobody.test' },
  });
  const { url } = await serve((request) => request.socket.destroy());
  expect(await fetcher()(url)).toMatchObject({ kind: 'failed', failure: { code: 'connection-closed' } });
  await Promise.all(servers.splice(0).map(stop));
  expect(await fetcher()(url)).toMatchObject({ kind: 'failed', failure: { code: 'connection-refused' } });
});

function fetcher(settings: Partial<FetcherSettings> = {}) {
  return createFetcher({ allow: LOOPBACK, userAgent: 'Paperround test', ...settings });
}

async function serve(listener: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, answer) => {
    seen.push(request);
    listener(request, answer);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
