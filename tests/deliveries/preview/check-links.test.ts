import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLinks } from '../../../src/deliveries/preview/check-links.js';
import { createFetcher } from '../../../src/platform/fetch/fetch-page.js';

let server: Server;
let origin: string;
let [open, most] = [0, 0];
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((req, res) => {
    const { url = '' } = req;
    asked.push(url);
    most = Math.max(most, ++open);
    setTimeout(() => {
      open -= 1;
      const status = Number(/^\/(\d{3})/.exec(url)?.[1] ?? 200);
      res.writeHead(status, status === 302 ? { location: '/200' } : {}).end('<p>Here.</p>');
    }, 20);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const look = (paths: readonly string[], allow = ['127.0.0.1']) => {
  const html = paths.map((path) => `<a style="x" href="${path}">A</a>`).join('');
  const fetchPage = createFetcher({ allow, userAgent: 'Paperround test' });
  return checkLinks({ fetchPage, publicUrl: 'https://news.example' }, html);
};

test('dead links are told from those that lead somewhere, and from those that keep programs out', async () => {
  const paths = ['/200', '/302', '/404', '/410', '/403', '/500', '/429'].map((path) => origin + path);
  const { links } = await look([...paths, 'http://127.0.0.1:1/away']);
  expect(links.map(({ url, kind }) => `${url.replace(origin, '')} ${kind}`)).toEqual([
    ...['/200 fine', '/302 fine', '/404 dead', '/410 dead', '/403 unknown', '/500 dead', '/429 unknown'],
    'http://127.0.0.1:1/away dead',
  ]);
});

test('each link is opened once, our own and those of other kinds not at all, and no more than 25', async () => {
  asked.length = 0;
  const { links, left } = await look([
    ...['https://news.example/manage/x', 'mailto:a@example.com', '#top', 'javascript:alert(1)'],
    ...[`${origin}/200?a=1&amp;b=2`, `${origin}/200?a=1&amp;b=2#part`],
    ...Array.from({ length: 30 }, (_, at) => `${origin}/200/${at}`),
  ]);
  expect([links.length, left]).toEqual([25, 6]);
  expect(asked).toHaveLength(25);
  expect(asked).toContain('/200?a=1&b=2');
  expect(most).toBeLessThanOrEqual(5);
});

test('nothing within the network is opened', async () => {
  asked.length = 0;
  const { links } = await look([`${origin}/200`, 'http://169.254.169.254/latest', 'http://[::1]:80/'], []);
  expect(links.map(({ kind, why }) => `${kind} ${why}`)).toEqual(
    Array(3).fill('dead It leads to an address that readers cannot reach.'),
  );
  expect(asked).toEqual([]);
});
