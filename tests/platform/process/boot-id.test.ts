import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bootId, estimateBootId, isSameBoot, readSystemId } from '../../../src/platform/process/boot-id.js';
import { currentProcessIdentity, hasProcessEnded } from '../../../src/platform/process/identity.js';

test('a system with an id of its own for each start is asked for it', () => {
  const id = '3F2504E0-4F89-11D3-9A0C-0305E82C3301';
  expect(readSystemId(() => `${id}\n`)).toBe(id);
  expect(readSystemId(() => id.replaceAll('-', ''))).toBe(id.replaceAll('-', ''));
  for (const none of [undefined, () => '', () => 'unknown oid', () => '0'])
    expect(readSystemId(none)).toBeUndefined();
  const failing = () => {
    throw new Error('There is no such program');
  };
  expect(readSystemId(failing)).toBeUndefined();
  expect(isSameBoot(bootId(), bootId())).toBe(true);
});

test('without one, a start is the same at any later look, to the second and whatever the clock is set right by', () => {
  const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true });
  fc.assert(
    fc.property(seconds(2e9), seconds(1e7), seconds(1e7), seconds(240), (start, one, other, step) => {
      const first = estimateBootId((start + one) * 1000, one);
      const later = estimateBootId((start + other + step) * 1000, other);
      expect(isSameBoot(first, later)).toBe(true);
    }),
  );
  const minute = 60_000;
  // Half a minute, where a rounded minute turns over.
  expect(isSameBoot(estimateBootId(100.49 * minute, 0), estimateBootId(100.51 * minute, 0))).toBe(true);
});

test('another start is another one', () => {
  const start = 1_790_000_000;
  const before = estimateBootId(start * 1000, 3600);
  expect(isSameBoot(before, estimateBootId((start + 700) * 1000, 60))).toBe(false);
  expect(isSameBoot('9f6b1c7e-0000-4000-8000-000000000001', '9f6b1c7e-0000-4000-8000-000000000002')).toBe(
    false,
  );
  expect(isSameBoot(before, '9f6b1c7e-0000-4000-8000-000000000002')).toBe(false);
});

test('a process that lives is never taken for one that has ended', () => {
  const own = currentProcessIdentity();
  expect(hasProcessEnded(own)).toBe(false);
  const minute = Number(estimateBootId(Date.now(), 0));
  expect(isSameBoot(String(minute), String(minute - 1))).toBe(true);
  expect(hasProcessEnded({ ...own, startedAt: 'at another time' })).toBe(true);
});
