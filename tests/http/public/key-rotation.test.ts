import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadAddressHasher } from '../../../src/platform/crypto/address-hash.js';
import { deriveKey, type Keys } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import {
  requestConfirmLink,
  createConfirmedReader,
  open,
  post,
  subscriptionOf,
} from '../../support/reader-actions.js';
import { findManageLink } from './manage/request-links.js';
import { startWebServer } from '../start-web-server.js';

const fresh = deriveKey(randomBytes(32).toString('hex'));
let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
});

afterAll(() => testApp.close());

test('after a rotation the links of old mails work as before', async () => {
  const link = await requestConfirmLink(testApp, 'old@example.com');
  const { unsubscribeLink } = await createConfirmedReader(testApp, 'older@example.com');
  const rotated = await withKeys([fresh, ...testApp.keys]);
  try {
    expect((await open(`${rotated.url}${new URL(link).pathname}`)).status).toBe(200);
    expect((await post(`${rotated.url}${new URL(link).pathname}`)).status).toBe(303);
    expect((await subscriptionOf(testApp, 'old@example.com')).status).toBe('confirmed');
    await post(`${rotated.url}${new URL(unsubscribeLink).pathname}`);
    expect((await subscriptionOf(testApp, 'older@example.com')).status).toBe('unsubscribed');
  } finally {
    await rotated.close();
  }
});

test('a key that is kept for unsubscribe links only lets readers leave, and opens nothing else', async () => {
  const link = await requestConfirmLink(testApp, 'seen@example.com');
  const { unsubscribeLink } = await createConfirmedReader(testApp, 'leaving@example.com');
  const settings = await findManageLink(testApp, 'leaving@example.com');
  const rotated = await withKeys([fresh, ...testApp.keys.map((key) => ({ ...key, unsubscribeOnly: true }))]);
  try {
    for (const path of [new URL(link).pathname, new URL(settings).pathname]) {
      expect((await open(`${rotated.url}${path}`)).status).toBe(404);
      expect((await post(`${rotated.url}${path}`)).status).toBe(404);
    }
    expect((await subscriptionOf(testApp, 'seen@example.com')).status).toBe('pending');
    const leave = `${rotated.url}${new URL(unsubscribeLink).pathname}`;
    expect((await open(leave)).status).toBe(200);
    await post(leave, { 'List-Unsubscribe': 'One-Click' });
    expect((await subscriptionOf(testApp, 'leaving@example.com')).status).toBe('unsubscribed');
  } finally {
    await rotated.close();
  }
});

test('once the old key is removed, its links are refused', async () => {
  const link = await requestConfirmLink(testApp, 'stale@example.com');
  const rotated = await withKeys([fresh]);
  try {
    for (const answer of [
      await open(`${rotated.url}${new URL(link).pathname}`),
      await post(`${rotated.url}${new URL(link).pathname}`),
    ])
      expect(answer.status).toBe(404);
    expect((await subscriptionOf(testApp, 'stale@example.com')).status).toBe('pending');
  } finally {
    await rotated.close();
  }
});

/** A web process started with other SECRET_KEYs on the same database. */
async function withKeys(keys: Keys) {
  const { context } = testApp;
  const links = createLinks(keys);
  return startWebServer({ ...context, links, hashAddress: await loadAddressHasher(context.db, keys) }, keys);
}
