import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveKey } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';

const now = new Date('2026-11-22T09:00:00Z');
const [key, newer, stranger] = ['one', 'two', 'three'].map((secret) => deriveKey(secret.repeat(16)));
if (key === undefined || newer === undefined || stranger === undefined) throw new Error('three keys');
const links = createLinks([key]);

const purpose = fc.constantFrom('confirm', 'unsubscribe', 'never', 'manage', 'address-cancel');
const claims = fc.record(
  {
    scope: fc.integer({ min: 0, max: 0x7fff }),
    subject: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
    generation: fc.integer({ min: 0, max: 0xff }),
    expiresAt: fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((each) => new Date(each * 1000)),
  },
  { requiredKeys: ['scope', 'subject'] },
);

test('opening a short token returns what was sealed, and its length leaves room for the path of its page', () => {
  fc.assert(
    fc.property(purpose, claims, (what, given) => {
      const { scope, subject, generation = 0, expiresAt } = given;
      const token = links.signShort(what, given);
      expect(token).toMatch(expiresAt === undefined ? /^[\w-]{33}[AQgw]$/ : /^[\w-]{37}[AQgw]$/);
      expect(links.verifyShort(what, token, now)).toEqual({
        kind: expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid',
        subject,
        generation,
        expiresAt,
      });
      expect(links.signShort(what, given)).toBe(token);
      for (const length of [3, 10, token.length])
        expect(links.readUnverifiedNumber(token.slice(0, length))).toBe(scope);
      expect(links.verify(what, token, now)).toEqual({ kind: 'invalid' });
    }),
  );
});

test('a short token that was changed, cut, lengthened, made for another purpose or by a stranger opens nothing', () => {
  fc.assert(
    fc.property(purpose, claims, fc.nat(), fc.integer({ min: 1, max: 63 }), (what, given, place, by) => {
      const token = links.signShort(what, given);
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const at = place % token.length;
      const other = alphabet[(alphabet.indexOf(token.charAt(at)) + by) % 64];
      for (const forged of [
        `${token.slice(0, at)}${other}${token.slice(at + 1)}`,
        token.slice(0, at),
        `${token}A`,
        `${token}=`,
        createLinks([stranger]).signShort(what, given),
        links.signShort(what === 'manage' ? 'repair' : 'manage', given),
      ])
        expect([forged, links.verifyShort(what, forged, now)]).toEqual([forged, { kind: 'invalid' }]);
    }),
  );
});

test('a short token works after a change of keys; of one that others have seen, only what stops mail', () => {
  const given = { scope: 1, subject: 7 };
  const rotated = createLinks([newer, key]);
  expect(rotated.verifyShort('manage', links.signShort('manage', given), now).kind).toBe('valid');
  expect(rotated.signShort('unsubscribe', given, key.id)).toBe(links.signShort('unsubscribe', given));
  const seen = createLinks([newer, { ...key, unsubscribeOnly: true }]);
  for (const [what, kind] of [
    ['unsubscribe', 'valid'],
    ['never', 'valid'],
    ['manage', 'invalid'],
    ['confirm', 'invalid'],
  ] as const)
    expect([what, seen.verifyShort(what, links.signShort(what, given), now).kind]).toEqual([what, kind]);
});

test('a long token, as mails had them before, has no number that could be read from it', () => {
  const id = '01999999-0000-7000-8000-000000000001';
  expect(links.readUnverifiedNumber(links.sign('manage', { scope: id, subject: id }))).toBeUndefined();
});
