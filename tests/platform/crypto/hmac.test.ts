import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createShortHmac } from '../../../src/platform/crypto/hmac.js';

const octets = (most: number) => fc.uint8Array({ maxLength: most });

test('short messages get the HMAC of node:crypto, whatever was hashed before', () => {
  fc.assert(
    fc.property(octets(64), fc.array(octets(45), { minLength: 1, maxLength: 5 }), (key, messages) => {
      const hmac = createShortHmac(key, 45);
      const expected = messages.map((message) => createHmac('sha256', key).update(message).digest('binary'));
      expect(messages.map((message) => hmac(message))).toEqual(expected);
    }),
  );
});

test('a key or a message longer than it was made for is refused, not cut', () => {
  expect(() => createShortHmac(Buffer.alloc(65), 45)).toThrow('key is longer');
  expect(() => createShortHmac(Buffer.alloc(32), 45)(Buffer.alloc(46))).toThrow('message is longer');
});
