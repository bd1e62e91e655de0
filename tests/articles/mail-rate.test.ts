import { expect, test } from '@jest/globals';
import { mailsPerWeek } from '../../src/articles/mail-rate.js';

const DAY_MS = 86_400_000;
const now = new Date('2026-11-22T09:00:00Z');
const daysAgo = (...days: number[]) => days.map((day) => new Date(now.getTime() - day * DAY_MS));
const every = (days: number, until = 55) =>
  daysAgo(...Array.from({ length: Math.floor(until / days) + 1 }, (_, at) => at * days));
const rate = (releases: Date[], defaultCadence: 'instant' | 'daily' | 'weekly' | 'monthly') =>
  mailsPerWeek(releases, { defaultCadence, timezone: 'Africa/Nairobi' }, now);

test('each article is a mail, a day’s articles are one, a week’s are one', () => {
  const twiceADay = every(0.5);
  expect(rate(twiceADay, 'instant')).toBe(14);
  expect(rate(twiceADay, 'daily')).toBe(7);
  expect(rate(twiceADay, 'weekly')).toBe(1);
  expect(rate(every(2.4), 'instant')).toBe(3);
});

test('nothing is said of a rhythm that nobody can know yet, or that is slower than a week', () => {
  expect(rate([], 'instant')).toBeUndefined();
  expect(rate(every(1, 12), 'instant')).toBeUndefined();
  expect(rate(every(1), 'monthly')).toBeUndefined();
  expect(rate(every(27), 'instant')).toBeUndefined();
});
