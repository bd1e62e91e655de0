import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getRoutes } from '../../screens/routes.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { requestOneHourLink } from './manage/request-links.js';
import { createConfirmedReader, open } from '../../support/reader-actions.js';

let testApp: TestApp;
let own: string;
let unsubscribe: string;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  unsubscribe = (await createConfirmedReader(testApp, 'reader@example.com')).unsubscribeLink;
  own = await requestOneHourLink(testApp, 'reader@example.com');
});

afterAll(() => testApp.close());

test('every page behind a token is not cached, not indexed, and sends no referrer', async () => {
  const behind = getRoutes(testApp.app).filter(
    (path) => /:(token|ticket)|^\/:pub\/manage/.test(path) && !path.startsWith('/operator'),
  );
  expect(behind.length).toBeGreaterThan(10);
  expect(behind).toEqual(expect.arrayContaining(['/manage/:token', '/manage/:token/data', '/:pub/manage']));
  for (const path of behind) {
    for (const token of [
      new URL(own).pathname.split('/')[2],
      new URL(unsubscribe).pathname.split('/')[2],
      'cut',
    ]) {
      const url = path.replace(/:(token|ticket)/, token ?? '').replace(':pub', 'lantern');
      const { headers } = await open(testApp.url + url);
      expect({ path, ...Object.fromEntries(headers) }).toMatchObject({
        path,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
      });
      expect([path, headers.get('set-cookie')]).toEqual([path, null]);
    }
  }
});
