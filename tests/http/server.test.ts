import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { openHttpServer, type HttpServer } from '../../src/http/server.js';
import { readForm } from '../../src/http/middleware/read-body.js';
import { beginRequest } from '../support/raw-request.js';
import { waitUntil } from '../support/wait-until.js';
import { connect } from 'node:net';

const deadlines = {
  headersTimeout: 300,
  requestTimeout: 600,
  timeout: 5_000,
  connectionsCheckingInterval: 50,
};

let server: HttpServer | undefined;
let handled = 0;
let hasClosed = false;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function open(limits = deadlines): Promise<string> {
  [handled, hasClosed] = [0, false];
  server = await openHttpServer({ host: '127.0.0.1', port: 0, isPortGiven: true }, limits);
  const app = express();
  app.post('/form', async (req, res) => {
    await readForm(req, res);
    handled += 1;
    res.json(req.body);
  });
  app.get('/large', (_req, res) => {
    res.once('close', () => (hasClosed = true));
    res.send('x'.repeat(50_000_000));
  });
  server.serve(app);
  return `http://127.0.0.1:${server.port}`;
}

const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 10 };

test('who withholds the rest of its headers is cut off', async () => {
  const url = await open();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes) => (answer += bytes.toString()));
  socket.write('POST /form HTTP/1.1\r\nhost: here\r\n');
  await waitUntil(() => socket.closed, 3_000);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
});

test('who withholds its body, or sends it drop by drop, is cut off, and nothing is done', async () => {
  const url = await open();
  const silent = beginRequest(url, 'POST', '/form', form);
  const slow = beginRequest(url, 'POST', '/form', { ...form, 'content-length': 100 });
  const drops = setInterval(() => slow.send('a'), 50);
  await waitUntil(() => silent.hasEnded() && slow.hasEnded(), 3_000);
  clearInterval(drops);
  expect(handled).toBe(0);
  const quick = beginRequest(url, 'POST', '/form', form);
  quick.send('email=a%40');
  expect(await quick.status()).toBe(200);
  quick.socket.destroy();
});

test('who does not take the answer is cut off too', async () => {
  const url = await open({ ...deadlines, timeout: 400 });
  const reader = beginRequest(url, 'GET', '/large');
  reader.socket.pause();
  // Far more than fits between the two: it has closed although nothing was taken.
  await waitUntil(() => hasClosed, 15_000);
  expect(reader.answer()).toBe('');
  reader.socket.destroy();
});
