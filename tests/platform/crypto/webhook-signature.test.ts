import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { deriveKey, UNSUBSCRIBE_ONLY_PREFIX } from '../../../src/platform/crypto/keys.js';
import { createWebhookSigner } from '../../../src/platform/crypto/webhook-signature.js';

const [old, next, seen] = ['old', 'new', 'seen'].map((word) => word.repeat(16)) as [string, string, string];
const at = new Date('2026-11-22T09:00:00.999Z');

/** As https://www.standardwebhooks.com tells receivers to verify. */
function verifies(secret: string, headers: Record<string, string>, body: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return headers['webhook-signature']?.split(' ').includes(expected) ?? false;
}

test('a receiver verifies id, time and body with the secret it was given', () => {
  const signer = createWebhookSigner([deriveKey(old)], 'alert-webhook');
  const headers = signer.headersFor('alert_1', at, '{"a":1}');
  expect(headers).toMatchObject({ 'webhook-id': 'alert_1', 'webhook-timestamp': '1795338000' });
  expect(verifies(signer.secret, headers, '{"a":1}')).toBe(true);
  expect(verifies(signer.secret, headers, '{"a":2}')).toBe(false);
  expect(verifies(signer.secret, { ...headers, 'webhook-id': 'alert_2' }, '{"a":1}')).toBe(false);
  expect(verifies(signer.secret, { ...headers, 'webhook-timestamp': '1795338001' }, '{"a":1}')).toBe(false);
});

test('while the key changes, the secrets of both verify; one that others may have seen does not', () => {
  const keys = [next, old, `${UNSUBSCRIBE_ONLY_PREFIX}${seen}`].map(deriveKey);
  const [first, ...rest] = keys;
  if (first === undefined) throw new Error('No key');
  const headers = createWebhookSigner([first, ...rest], 'alert-webhook').headersFor('alert_1', at, '');
  const secretOf = (key: string) => createWebhookSigner([deriveKey(key)], 'alert-webhook').secret;
  expect([next, old, seen].map((key) => verifies(secretOf(key), headers, ''))).toEqual([true, true, false]);
});
