import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pages, templates } from './template-pages.js';

const executablePath = '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const policy =
  "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self'; frame-src 'self'";

const onThisMachine = existsSync(executablePath) ? describe : describe.skip;

onThisMachine('in Chromium, 320 pixels wide, without scripts of ours', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let refused: string[] = [];

  beforeAll(async () => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage({ viewport: { width: 320, height: 800 } });
    page.on('console', (message) => {
      if (message.type() === 'error') refused.push(message.text());
    });
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });

  test.each(Object.keys(pages))(
    'the page "%s" fits, and axe finds nothing in light or dark',
    async (state) => {
      refused = [];
      await page.goto(
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(state)}`,
      );
      const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
      expect(await page.evaluate(tooWide)).toBe(0);
      expect(refused).toEqual([]);
      await page.evaluate(axe);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await page.evaluate(findings)).toEqual([]);
      }
    },
  );

  test('the error at a field is reached from the summary by keyboard', async () => {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sign-up%20with%20an%20error`);
    await page.getByRole('link', { name: 'Did you mean a@gmail.com?' }).press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Subscribe');
  });
});

const findings = `axe.run(document).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ target }) => target).join(', ')))`;

function answer(req: IncomingMessage, res: ServerResponse): void {
  const path = decodeURIComponent(req.url ?? '/').slice(1);
  const asset = templates.assets.get(path.replace('assets/', ''));
  if (asset) return void res.setHeader('content-type', asset.type).end(asset.body);
  const [name, data] = pages[path] ?? ['link-invalid', {}];
  res.setHeader('content-type', 'text/html; charset=utf-8').setHeader('content-security-policy', policy);
  res.end(templates.page(name, 'en', data));
}
