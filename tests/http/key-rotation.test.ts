import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadAddressHasher } from '../../src/platform/address-hash.js';
import { deriveKey, type Keys } from '../../src/platform/keys.js';
import { createLinks } from '../../src/platform/links.js';
import { openHouse, type House } from '../support/house.js';
import { askedLink, confirmedReader, open, post, subscriptionOf } from './reader.js';
import { settingsLink } from './own-links.js';
import { serve } from './serve.js';

const fresh = deriveKey(randomBytes(32).toString('hex'));
let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.publish();
});

afterAll(() => house.close());

test('after a rotation the links of old mails work as before', async () => {
  const link = await askedLink(house, 'old@example.com');
  const { unsubscribeLink } = await confirmedReader(house, 'older@example.com');
  const rotated = await withKeys([fresh, ...house.keys]);
  try {
    expect((await open(`${rotated.url}${new URL(link).pathname}`)).status).toBe(200);
    expect((await post(`${rotated.url}${new URL(link).pathname}`)).status).toBe(303);
    expect((await subscriptionOf(house, 'old@example.com')).status).toBe('confirmed');
    await post(`${rotated.url}${new URL(unsubscribeLink).pathname}`);
    expect((await subscriptionOf(house, 'older@example.com')).status).toBe('unsubscribed');
  } finally {
    await rotated.close();
  }
});

test('a key kept for unsubscribe links alone lets readers leave, and opens nothing else', async () => {
  const link = await askedLink(house, 'seen@example.com');
  const { unsubscribeLink } = await confirmedReader(house, 'leaving@example.com');
  const settings = await settingsLink(house, 'leaving@example.com');
  const rotated = await withKeys([fresh, ...house.keys.map((key) => ({ ...key, unsubscribeOnly: true }))]);
  try {
    for (const path of [new URL(link).pathname, new URL(settings).pathname]) {
      expect((await open(`${rotated.url}${path}`)).status).toBe(404);
      expect((await post(`${rotated.url}${path}`)).status).toBe(404);
    }
    expect((await subscriptionOf(house, 'seen@example.com')).status).toBe('pending');
    const leave = `${rotated.url}${new URL(unsubscribeLink).pathname}`;
    expect((await open(leave)).status).toBe(200);
    await post(leave, { 'List-Unsubscribe': 'One-Click' });
    expect((await subscriptionOf(house, 'leaving@example.com')).status).toBe('unsubscribed');
  } finally {
    await rotated.close();
  }
});

test('once the old key is taken away, its links are strangers’ links', async () => {
  const link = await askedLink(house, 'stale@example.com');
  const rotated = await withKeys([fresh]);
  try {
    for (const answer of [
      await open(`${rotated.url}${new URL(link).pathname}`),
      await post(`${rotated.url}${new URL(link).pathname}`),
    ])
      expect(answer.status).toBe(404);
    expect((await subscriptionOf(house, 'stale@example.com')).status).toBe('pending');
  } finally {
    await rotated.close();
  }
});

/** A web process started with other SECRET_KEYs on the same database. */
async function withKeys(keys: Keys) {
  const { context } = house;
  const links = createLinks(keys);
  return serve({ ...context, links, hashAddress: await loadAddressHasher(context.db, keys) }, keys);
}
