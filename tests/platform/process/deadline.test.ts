import { expect, test } from '@jest/globals';
import { withDeadline } from '../../../src/platform/process/deadline.js';

test('work that ends in time returns its result, undefined too', () => {
  expect(withDeadline(1000, () => 42)).toEqual({ kind: 'done', value: 42 });
  expect(withDeadline(1000, () => undefined)).toEqual({ kind: 'done', value: undefined });
});

test('a loop that never ends is stopped', () => {
  const forever = () => {
    for (;;);
  };
  expect(withDeadline(50, forever)).toEqual({ kind: 'too-late' });
});

test('a regular expression that backtracks without end is stopped', () => {
  const started = Date.now();
  expect(withDeadline(50, () => /^(a+)+$/.test(`${'a'.repeat(60)}b`))).toEqual({ kind: 'too-late' });
  expect(Date.now() - started).toBeLessThan(3000);
});

test('an error of the work is rethrown', () => {
  const fail = () => {
    throw new RangeError('mine');
  };
  expect(() => withDeadline(1000, fail)).toThrow('mine');
});

test('work within work has a deadline of its own, and neither gets the result of the other', () => {
  const within = () => {
    for (;;);
  };
  expect(withDeadline(2000, () => [withDeadline(50, within), withDeadline(50, () => 1), 2])).toEqual({
    kind: 'done',
    value: [{ kind: 'too-late' }, { kind: 'done', value: 1 }, 2],
  });
});
