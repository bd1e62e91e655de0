import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import nodemailer from 'nodemailer';
import { chromium } from 'playwright-core';
import { inboxRoutes } from '../../../src/http/development/inbox-routes.js';
import { securityHeaders } from '../../../src/http/middleware/security-headers.js';
import { listInbox, startInbox } from '../../../src/platform/embedded/inbox.js';
import { templates } from '../../platform/templates/page-fixtures.js';
import { findChromium } from '../../support/browser.js';

let server: Server;
let url: string;
let id: string;
let plainId: string;
let stopInbox: () => Promise<void>;

beforeAll(async () => {
  const inboxDir = await mkdtemp(join(tmpdir(), 'inbox-'));
  const inbox = await startInbox({ dir: inboxDir });
  stopInbox = inbox.stop;
  const transport = nodemailer.createTransport(inbox.smtpUrl);
  const common = { from: 'news@lantern.example', to: 'r@example.com' };
  await transport.sendMail({
    ...common,
    subject: 'Plain',
    text: 'Only words, and https://lantern.example/a?b=1',
  });
  const html =
    '<html><head><title>x</title></head><body><script>top.x=1</script><a href="/c">Confirm</a></body></html>';
  await transport.sendMail({ ...common, subject: '<b>Bold</b>', text: 'Title\n---\nWhat follows', html });
  transport.close();
  const mails = await listInbox(inboxDir, 10);
  id = mails.find(({ subject }) => subject === '<b>Bold</b>')?.id ?? '';
  plainId = mails.find(({ subject }) => subject === 'Plain')?.id ?? '';
  const app = express()
    .use(securityHeaders({ production: false, hasOwnHost: true }))
    .use('/inbox', inboxRoutes({ templates, inboxDir }));
  app.get('/c', (_req, res) => res.send('<title>Confirm?</title>'));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/inbox`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await stopInbox();
});

test('the list shows every mail, its words escaped, and keeps looking for new ones until told not to', async () => {
  const answer = await fetch(url);
  const page = await answer.text();
  expect(answer.headers.get('refresh')).toBe('4');
  expect(page).toContain(`href="/inbox/${id}"`);
  expect(page).toContain('&lt;b&gt;Bold&lt;/b&gt;');
  expect(page).toMatch(/mail-preview">What follows/);
  expect((await fetch(`${url}?refresh=off`)).headers.get('refresh')).toBeNull();
});

test('a mail is shown in a sandboxed frame whose links open in a tab', async () => {
  const page = await (await fetch(`${url}/${id}`)).text();
  expect(page).toContain(
    `<iframe class="mail-frame" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/inbox/${id}/html"`,
  );
  const answer = await fetch(`${url}/${id}/html`);
  expect(await answer.text()).toContain('<head><base target="_blank">');
  expect(answer.headers.get('content-security-policy')).toBe(
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: data: 'self'; style-src 'unsafe-inline'",
  );
});

const executablePath = findChromium();

(executablePath === undefined ? test.skip : test)(
  'a click on a link of the mail opens it in a tab of its own, and scripts of the mail do not run',
  async () => {
    const browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-background-networking'],
    });
    const page = await browser.newPage();
    await page.goto(`${url}/${id}`);
    const opened = page.waitForEvent('popup');
    await page.frameLocator('iframe').getByRole('link', { name: 'Confirm' }).click();
    expect(await (await opened).title()).toBe('Confirm?');
    expect(await page.evaluate('window.x')).toBeUndefined();
    await browser.close();
  },
);

test('a mail without HTML opens as text with working links', async () => {
  const page = await (await fetch(`${url}/${plainId}`)).text();
  expect(page).not.toContain('<iframe');
  expect(page).toContain('<a href="https://lantern.example/a?b=1">https://lantern.example/a?b=1</a>');
  expect((await fetch(`${url}/${plainId}/html`)).status).toBe(404);
});

test('headers and source can be read', async () => {
  const headers = await (await fetch(`${url}/${id}?view=headers`)).text();
  expect(headers).toContain('<th scope="row">Message-ID</th>');
  const raw = await fetch(`${url}/${id}/raw`);
  expect(raw.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(raw.headers.get('content-security-policy')).toBe('sandbox');
  expect(raw.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await raw.text()).toMatch(/^From: news@lantern\.example/m);
});

test('an id that names no mail is not found, whatever it looks like', async () => {
  for (const path of ['nobody', '..%2f..%2fpackage.json', 'nobody/html', 'nobody/raw']) {
    expect((await fetch(`${url}/${path}`)).status).toBe(404);
  }
});
