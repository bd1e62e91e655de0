import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveKey, type Keys } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';

const now = new Date('2026-11-22T09:00:00Z');
const [key, newer, stranger] = ['one', 'two', 'three'].map((secret) => deriveKey(secret.repeat(16)));
if (key === undefined || newer === undefined || stranger === undefined) throw new Error('three keys');
const links = createLinks([key]);

const uuid = fc.uuid();
const purpose = fc.constantFrom('confirm', 'unsubscribe', 'never', 'manage', 'check-inbox');
const seconds = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const claims = fc.record(
  {
    scope: uuid,
    subject: uuid,
    number: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    expiresAt: seconds.map((each) => new Date(each * 1000)),
  },
  { requiredKeys: ['scope', 'subject'] },
);

test('opening a token returns the claims that were sealed', () => {
  fc.assert(
    fc.property(purpose, claims, (what, { scope, subject, number, expiresAt }) => {
      const given = {
        scope,
        subject,
        ...(number === undefined ? {} : { number }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
      const token = links.sign(what, given);
      expect(token).toMatch(/^[\w-]{82}$/);
      expect(links.verify(what, token, now)).toEqual({
        kind: expiresAt !== undefined && expiresAt <= now ? 'expired' : 'valid',
        scope,
        subject,
        number: number ?? 0,
        expiresAt,
      });
    }),
  );
});

test('the same claims make the same token: a retried mail holds the same link', () => {
  fc.assert(
    fc.property(purpose, uuid, uuid, (what, scope, subject) => {
      expect(links.sign(what, { scope, subject })).toBe(links.sign(what, { scope, subject }));
    }),
  );
});

test('the newsletter can be read from a damaged token, which proves nothing', () => {
  fc.assert(
    fc.property(purpose, claims, fc.integer({ min: 28, max: 82 }), (what, { scope, subject }, length) => {
      const token = links.sign(what, { scope, subject });
      const made = createLinks([stranger]).sign(what, { scope, subject });
      expect(links.readUnverifiedScope(token.slice(0, length))).toBe(scope);
      expect([links.readUnverifiedScope(made), links.verify(what, made, now).kind]).toEqual([
        scope,
        'invalid',
      ]);
      expect(links.readUnverifiedScope(token.slice(0, 27))).toBeUndefined();
    }),
  );
  for (const text of ['', 'cut-in-two', '%00', 'ü'.repeat(90), 'Z'.repeat(10_000)])
    expect([text.slice(0, 9), links.readUnverifiedScope(text)]).toEqual([text.slice(0, 9), undefined]);
});

test('a token with one changed character, anywhere, is refused', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const claim = {
    scope: '019aa000-0000-7000-8000-000000000001',
    subject: '019aa000-0000-7000-8000-000000000002',
  };
  const token = links.sign('confirm', claim);
  for (let at = 0; at < token.length; at += 1) {
    for (const letter of `${alphabet}=.%+/ é`) {
      if (letter === token[at]) continue;
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      expect([changed, links.verify('confirm', changed, now)]).toEqual([changed, { kind: 'invalid' }]);
    }
  }
});

test('a token with one flipped bit, anywhere, is refused', () => {
  fc.assert(
    fc.property(claims, fc.nat(61 * 8 - 1), ({ scope, subject }, bit) => {
      const bytes = Buffer.from(links.sign('never', { scope, subject }), 'base64url');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(links.verify('never', bytes.toString('base64url'), now)).toEqual({ kind: 'invalid' });
    }),
  );
});

test('a token that was cut, lengthened, repeated or made up is refused', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.uint8Array().map((b) => Buffer.from(b).toString('base64url')),
      ),
      (text) => {
        expect(links.verify('confirm', text, now)).toEqual({ kind: 'invalid' });
      },
    ),
  );
  const token = links.sign('confirm', { scope: newUuid(), subject: newUuid() });
  for (let length = 0; length < token.length; length += 1) {
    expect(links.verify('confirm', token.slice(0, length), now)).toEqual({ kind: 'invalid' });
  }
  for (const longer of [`${token}A`, `${token}=`, `${token}==`, ` ${token}`, `${token}\n`, token + token])
    expect(links.verify('confirm', longer, now)).toEqual({ kind: 'invalid' });
});

test('a token is for one purpose', () => {
  fc.assert(
    fc.property(purpose, purpose, claims, (made, asked, { scope, subject }) => {
      const { kind } = links.verify(asked, links.sign(made, { scope, subject }), now);
      expect(kind).toBe(made === asked ? 'valid' : 'invalid');
    }),
  );
});

test('it expires at its second, not before', () => {
  const expiresAt = new Date('2026-11-25T09:00:00Z');
  const token = links.sign('confirm', { scope: newUuid(), subject: newUuid(), expiresAt });
  expect(links.verify('confirm', token, new Date(expiresAt.getTime() - 1)).kind).toBe('valid');
  expect(links.verify('confirm', token, expiresAt).kind).toBe('expired');
});

test('without an expiry it is valid in a hundred years', () => {
  const token = links.sign('unsubscribe', { scope: newUuid(), subject: newUuid() });
  expect(links.verify('unsubscribe', token, new Date('2126-11-22')).kind).toBe('valid');
});

test('after a rotation the new key signs and the old one still verifies; an unknown one never does', () => {
  const rotated = createLinks([newer, key] satisfies Keys);
  const claim = { scope: newUuid(), subject: newUuid() };
  const old = links.sign('unsubscribe', claim);
  expect(rotated.verify('unsubscribe', old, now)).toMatchObject({ kind: 'valid', ...claim });
  expect(rotated.keyId).toBe(newer.id);
  expect(links.verify('unsubscribe', rotated.sign('unsubscribe', claim), now)).toEqual({ kind: 'invalid' });
  expect(rotated.verify('unsubscribe', createLinks([stranger]).sign('unsubscribe', claim), now)).toEqual({
    kind: 'invalid',
  });
});

test('a digest keeps its key through a rotation, and uses the new one when its own is removed', () => {
  const rotated = createLinks([newer, key]);
  const claim = { scope: newUuid(), subject: newUuid() };
  expect(rotated.sign('unsubscribe', claim, key.id)).toBe(links.sign('unsubscribe', claim));
  expect(rotated.sign('unsubscribe', claim, stranger.id)).toBe(rotated.sign('unsubscribe', claim));
});

test('a token with our key’s id and another signature is refused', () => {
  const body = Buffer.from(
    links.sign('confirm', { scope: newUuid(), subject: newUuid() }),
    'base64url',
  ).subarray(0, 45);
  for (const secret of ['', 'link:confirm', key.id]) {
    const mac = createHmac('sha256', secret).update(body).digest().subarray(0, 16);
    const token = Buffer.concat([body, mac]).toString('base64url');
    expect(links.verify('confirm', token, now)).toEqual({ kind: 'invalid' });
  }
});

function newUuid(): string {
  const hex = randomBytes(16).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

test('a key kept for unsubscribe links alone opens those, signs nothing, and opens nothing else', () => {
  const seen = { ...key, unsubscribeOnly: true };
  const rotated = createLinks([newer, seen]);
  const claim = { scope: randomUUID(), subject: randomUUID() };
  for (const [what, kind] of [
    ['unsubscribe', 'valid'],
    ['never', 'valid'],
    ['manage', 'invalid'],
    ['manage-own', 'invalid'],
    ['confirm', 'invalid'],
    ['message', 'invalid'],
  ] as const) {
    expect([what, rotated.verify(what, links.sign(what, claim), now).kind]).toEqual([what, kind]);
    expect(createLinks([newer]).verify(what, rotated.sign(what, claim, seen.id), now).kind).toBe('valid');
  }
});
