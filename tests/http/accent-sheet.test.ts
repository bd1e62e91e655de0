import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { contrastRatio } from '../../src/platform/templates/accent-colour.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { open } from '../support/reader-actions.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication({ accent: '#ffdd00' });
  await testApp.createPublication({ slug: 'gazette' });
});
afterAll(() => testApp.close());

test('readers’ pages are in the publication’s colour, darkened until it can be read', async () => {
  const page = await (await open(`${testApp.url}/lantern`)).text();
  const href = /<link rel="stylesheet" href="(\/assets\/accent-ffdd00\.css)">/.exec(page)?.[1];
  const sheet = await open(`${testApp.url}${href}`);
  expect([sheet.status, sheet.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  expect(sheet.headers.get('cache-control')).toContain('immutable');
  const [light, dark] = [...(await sheet.text()).matchAll(/--accent:(#[0-9a-f]{6})/g)].map(
    ([, hex]) => hex ?? '',
  );
  expect(contrastRatio(light ?? '', '#fbfaf7')).toBeGreaterThanOrEqual(4.5);
  expect(contrastRatio(dark ?? '', '#171614')).toBeGreaterThanOrEqual(4.5);
});

test('so are error pages of a publication; without a colour they have the default one', async () => {
  const invalid = await fetch(`${testApp.url}/lantern/subscriptions`, {
    method: 'POST',
    headers: { accept: 'text/html', 'content-type': 'text/plain' },
    body: 'x',
  });
  expect([invalid.status, await invalid.text()]).toEqual([
    415,
    expect.stringContaining('/assets/accent-ffdd00.css'),
  ]);
  expect(await (await open(`${testApp.url}/gazette`)).text()).not.toContain('accent-');
});

test('only a colour names such a style sheet', async () => {
  for (const name of ['accent-ffdd0.css', 'accent-gggggg.css', 'accent-FFDD00.css', 'accent-ffdd00.js'])
    expect((await open(`${testApp.url}/assets/${name}`)).status).toBe(404);
});
