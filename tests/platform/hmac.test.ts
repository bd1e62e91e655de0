import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createShortHmac } from '../../src/platform/hmac.js';

const octets = (most: number) => fc.uint8Array({ maxLength: most });

test('short messages get the HMAC that node:crypto gives them, whatever went before', () => {
  fc.assert(
    fc.property(octets(64), fc.array(octets(45), { minLength: 1, maxLength: 5 }), (key, messages) => {
      const hmac = createShortHmac(key, 45);
      const expected = messages.map((message) => createHmac('sha256', key).update(message).digest('hex'));
      expect(messages.map((message) => hmac(message).toString('hex'))).toEqual(expected);
    }),
  );
});

test('what was answered stays what it is when another message follows', () => {
  const hmac = createShortHmac(Buffer.alloc(32, 1), 45);
  const first = hmac(Buffer.from('first'));
  const before = first.toString('hex');
  hmac(Buffer.from('second'));
  expect(first.toString('hex')).toBe(before);
});

test('a key or a message longer than it was made for is refused, not cut', () => {
  expect(() => createShortHmac(Buffer.alloc(65), 45)).toThrow('key is longer');
  expect(() => createShortHmac(Buffer.alloc(32), 45)(Buffer.alloc(46))).toThrow('message is longer');
});
