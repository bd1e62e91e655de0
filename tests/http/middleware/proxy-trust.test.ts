import { Writable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { warnOfProxyTrust } from '../../../src/http/middleware/proxy-trust.js';

let server: Server | undefined;
afterEach(() => void server?.close());

/** The events that were logged while requests with these headers came in. */
async function eventsFor(setting: string | undefined, requests: Record<string, string>[]): Promise<string[]> {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const app = express();
  app.use(warnOfProxyTrust(pino(sink), setting));
  app.get('/', (_req, res) => void res.send('ok'));
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  for (const headers of requests) await fetch(`http://127.0.0.1:${port}/`, { headers });
  server.close();
  return lines.map((line) => (JSON.parse(line) as { event: string }).event);
}

const forwarded = { 'x-forwarded-for': '203.0.113.7' };

test('a proxy that nobody told us of is warned of once', async () => {
  expect(await eventsFor(undefined, [{}, forwarded, forwarded])).toEqual(['proxy.not-trusted']);
});

test('without a proxy, and where its number or "false" was set, there is nothing to warn of', async () => {
  expect(await eventsFor(undefined, [{}, {}])).toEqual([]);
  for (const setting of ['false', '0', '1', '10.0.0.0/8'])
    expect(await eventsFor(setting, [forwarded, forwarded])).toEqual([]);
});

test('believing everybody is warned of once, at the start', async () => {
  expect(await eventsFor('true', [])).toEqual(['proxy.everyone-trusted']);
  expect(await eventsFor('true', [forwarded, forwarded])).toEqual(['proxy.everyone-trusted']);
});
