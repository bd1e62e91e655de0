import { expect, test } from '@jest/globals';
import { isOpen, nextProbeAt } from '../../../src/transports/circuits/circuit.js';

const now = new Date('2026-11-22T10:00:00Z');

test('after each failed probe it is open twice as long, up to four hours', () => {
  const minutes = (kind: 'refused' | 'throttled') =>
    Array.from(
      { length: 10 },
      (_, index) => (nextProbeAt(kind, index + 1, now).getTime() - now.getTime()) / 60_000,
    );
  expect(minutes('refused')).toEqual([15, 30, 60, 120, 240, 240, 240, 240, 240, 240]);
  expect(minutes('throttled')).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
  expect(nextProbeAt('refused', 30_000, now).getTime() - now.getTime()).toBe(240 * 60_000);
});

test('it is open until its time, or until an operator closes it', () => {
  expect(isOpen({ closesAt: null }, now)).toBe(true);
  expect(isOpen({ closesAt: new Date(now.getTime() + 1) }, now)).toBe(true);
  expect(isOpen({ closesAt: now }, now)).toBe(false);
});
