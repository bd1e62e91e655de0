import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readFormTime, sealFormTime } from '../../../src/subscribers/sign-up/form-time.js';
import { deriveKey } from '../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../src/platform/crypto/signed-links.js';
import { HOUR_MS } from '../../../src/platform/durations.js';

const links = createLinks([deriveKey('a secret that is long enough for anybody')]);
const made = new Date('2026-11-22T09:00:00.789Z');
const at = (milliseconds: number) => ({ links, now: () => new Date(made.getTime() + milliseconds) });
const lantern = { id: randomUUID() };
const field = sealFormTime(at(0), lantern);

test.each([0, 1, 1_999, 2_000, 2_001, HOUR_MS, 23 * HOUR_MS])(
  'a form says that it was made %d ms ago',
  (age) => {
    expect(readFormTime(at(age), lantern, field)).toBe(age);
  },
);

test('a form that is a day old, absent, changed, of another purpose or another newsletter says nothing', () => {
  expect(readFormTime(at(25 * HOUR_MS), lantern, field)).toBeUndefined();
  expect(readFormTime(at(5), lantern, undefined)).toBeUndefined();
  expect(readFormTime(at(5), lantern, '')).toBeUndefined();
  expect(
    readFormTime(
      at(5),
      lantern,
      field.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ),
  ).toBeUndefined();
  expect(readFormTime(at(5), { id: randomUUID() }, field)).toBeUndefined();
  const other = links.sign('check-inbox', {
    scope: lantern.id,
    subject: lantern.id,
    expiresAt: at(9e6).now(),
  });
  expect(readFormTime(at(5), lantern, other)).toBeUndefined();
});
