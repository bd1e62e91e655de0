import { expect, test } from '@jest/globals';
import { DAY_MS } from '../../../src/platform/durations.js';
import type { Import } from '../../../src/subscribers/import/import.js';
import { listDueLateLeavers } from '../../../src/subscribers/import/late-leavers.js';

const START = new Date('2026-11-01T09:00:00Z');
const at = (days: number) => new Date(START.getTime() + days * DAY_MS);

function added(id: string, change: Partial<Import> = {}): Import {
  const row = {
    id,
    productName: 'Mailchimp',
    state: 'added',
    startAt: START,
    addedAt: at(-1),
    done: { new: 5 },
  };
  return { ...row, ...change } as Import;
}

/** As of the files that bring who left later. */
const late = (days: number) =>
  added(`late-${days}`, { startAt: null, addedAt: at(days), done: { leaves: 1 } });

test('who left meanwhile is asked for two, seven and thirty days after the start, until that came, for two months', () => {
  const isDue = (day: number, ...others: Import[]) =>
    listDueLateLeavers([added('first'), ...others], at(day)).map(({ id }) => id);
  expect([isDue(1), isDue(2), isDue(6)]).toEqual([[], ['first'], ['first']]);
  expect([isDue(6, late(3)), isDue(8, late(3)), isDue(8, late(7))]).toEqual([[], ['first'], []]);
  expect([isDue(31, late(7)), isDue(31, late(30)), isDue(61)]).toEqual([['first'], [], []]);
});

test('nobody is asked about an import that was not started, added nobody, was taken back, or for another product', () => {
  const none = [added('a', { startAt: null }), added('b', { done: {} }), added('c', { state: 'undone' })];
  expect(listDueLateLeavers(none, at(10))).toEqual([]);
  const other = { ...late(9), productName: 'Ghost' };
  expect(listDueLateLeavers([added('first'), other], at(10)).map(({ id }) => id)).toEqual(['first']);
});
