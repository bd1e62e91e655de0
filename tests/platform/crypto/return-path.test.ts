import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from '../../../src/platform/crypto/base32.js';
import { deriveKey } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';
import type { ReturnPathClaims } from '../../../src/platform/crypto/return-path.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const now = new Date('2026-11-22T09:00:00Z');
const [key, newer, stranger] = ['one', 'two', 'three'].map((secret) => deriveKey(secret.repeat(16)));
if (key === undefined || newer === undefined || stranger === undefined) throw new Error('three keys');
const links = createLinks([key]);

const claims: fc.Arbitrary<ReturnPathClaims> = fc.oneof(
  fc.record({
    kind: fc.constant('delivery' as const),
    batch: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    subscription: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    attempt: fc.integer({ min: 0, max: 0xffff }),
  }),
  fc.record({ kind: fc.constant('notice' as const), noticeId: fc.uuid() }),
);

test('base32 is that of RFC 4648, in lower case, and comes back', () => {
  expect(encodeBase32(Buffer.from('fooba'))).toBe('mzxw6ytb');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), (group) => {
      const bytes = Buffer.concat(Array.from({ length: 5 }, () => Buffer.from(group)));
      expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
    }),
  );
});

test('a return path fits a local part, says which mail it is of, and survives servers that fold its case', () => {
  fc.assert(
    fc.property(claims, (given) => {
      const localPart = links.signReturnPath(given, now);
      expect(localPart).toMatch(given.kind === 'delivery' ? /^[a-z2-7]{40}$/ : /^[a-z2-7]{48}$/);
      const expected = { kind: 'valid', sentAt: now, claims: given };
      expect(links.verifyReturnPath(localPart, now)).toEqual(expected);
      expect(links.verifyReturnPath(localPart.toUpperCase(), now)).toEqual(expected);
    }),
  );
});

test('a return path that was changed, cut, lengthened or made by a stranger names nothing', () => {
  fc.assert(
    fc.property(claims, fc.nat(), fc.integer({ min: 1, max: 31 }), (given, place, by) => {
      const localPart = links.signReturnPath(given, now);
      const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
      const at = place % localPart.length;
      const other = alphabet[(alphabet.indexOf(localPart.charAt(at)) + by) % 32];
      for (const forged of [
        `${localPart.slice(0, at)}${other}${localPart.slice(at + 1)}`,
        localPart.slice(0, at),
        `${localPart}a`,
        `${localPart}aaaaaaaa`,
        `${localPart.slice(1)}=`,
        createLinks([stranger]).signReturnPath(given, now),
      ])
        expect([forged, links.verifyReturnPath(forged, now)]).toEqual([forged, { kind: 'invalid' }]);
    }),
  );
});

test('it counts for seven days since the mail was sent', () => {
  const localPart = links.signReturnPath({ kind: 'delivery', batch: 7, subscription: 9, attempt: 1 }, now);
  const after = (ms: number) => links.verifyReturnPath(localPart, new Date(now.getTime() + ms)).kind;
  expect(after(7 * DAY_MS)).toBe('valid');
  expect(after(7 * DAY_MS + HOUR_MS)).toBe('expired');
});

test('after a rotation the old key still verifies; one that others may have seen does not', () => {
  const given: ReturnPathClaims = { kind: 'delivery', batch: 7, subscription: 9, attempt: 1 };
  const localPart = links.signReturnPath(given, now);
  expect(createLinks([newer, key]).verifyReturnPath(localPart, now)).toMatchObject({ kind: 'valid' });
  expect(createLinks([newer]).verifyReturnPath(localPart, now)).toEqual({ kind: 'invalid' });
  const seen = { ...key, unsubscribeOnly: true };
  expect(createLinks([newer, seen]).verifyReturnPath(localPart, now)).toEqual({ kind: 'invalid' });
});
