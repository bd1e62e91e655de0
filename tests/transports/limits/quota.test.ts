import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isUnlimited,
  ratesAt,
  remainingQuota,
  startOfMinute,
  type Usage,
} from '../../../src/transports/limits/quota.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const used = (time: string, messages: number): Usage => ({ minute: at(`${time}:00`), messages });

test('the smaller room counts, and there is room again when the oldest minutes are an hour or a day ago', () => {
  const usage = [used('09:10', 5), used('09:55', 2), used('10:20', 3)];
  const room = (hour: number | undefined, day: number | undefined, time = '10:20:30') =>
    remainingQuota({ ...(hour && { hour }), ...(day && { day }) }, usage, at(time));
  expect(room(9, undefined).messages).toBe(4);
  expect(room(9, 12).messages).toBe(2);
  expect(room(undefined, undefined).messages).toBe(Infinity);
  expect(room(5, undefined)).toEqual({ messages: 0, until: at('10:56:00') });
  expect(room(4, undefined)).toEqual({ messages: 0, until: at('10:56:00') });
  expect(room(2, undefined)).toEqual({ messages: 0, until: at('11:21:00') });
  expect(room(5, undefined, '10:56:00').messages).toBe(2);
  expect(room(5, 10)).toEqual({ messages: 0, until: new Date('2026-11-23T09:11:00Z') });
});

test('a minute that another clock has begun early counts; what a wrong clock counted days ahead does not', () => {
  const room = (...usage: Usage[]) => remainingQuota({ hour: 7 }, usage, at('10:20:59.990')).messages;
  expect(room(used('10:21', 5))).toBe(2);
  expect(room(used('10:23', 5))).toBe(7);
});

describe('a warm-up', () => {
  const limits = { weight: 1, rates: { day: 1_000, second: 5 }, warmUp: 50 };
  const firstUsedAt = new Date('2026-11-22T23:50:00Z');
  const dayOn = (date: string, more: object = {}) =>
    ratesAt({ limits: { ...limits, ...more }, firstUsedAt }, new Date(date)).day;

  test('doubles with each day of the calendar until the day’s limit is smaller', () => {
    const days = [
      '22T23:55',
      '23T00:05',
      '23T23:59',
      '24T10:00',
      '25T10:00',
      '26T10:00',
      '27T10:00',
      '30T10:00',
    ];
    expect(days.map((day) => dayOn(`2026-11-${day}:00Z`))).toEqual([
      50, 100, 100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  test('leaves the other rates alone, and begins when the server is first used', () => {
    expect(ratesAt({ limits, firstUsedAt: null }, new Date())).toEqual({ second: 5, day: 50 });
  });

  test('ends by itself where there is no limit of the day', () => {
    const warming = (date: string) =>
      ratesAt({ limits: { weight: 1, rates: {}, warmUp: 50 }, firstUsedAt }, new Date(date));
    expect(warming('2026-11-24T00:00:00Z')).toEqual({ day: 200 });
    expect(isUnlimited(warming('2026-12-22T00:00:00Z'))).toBe(false);
    expect(isUnlimited(warming('2026-12-23T00:00:00Z'))).toBe(true);
  });

  test('never shrinks, and a clock that is set back does not end it', () => {
    expect(dayOn('2026-11-20T00:00:00Z')).toBe(50);
  });
});

test('property: however it is asked, no sixty minutes and no twenty-four hours hold more than their limit', () => {
  const rates = fc.record(
    { hour: fc.integer({ min: 1, max: 200 }), day: fc.integer({ min: 1, max: 400 }) },
    { requiredKeys: [] },
  );
  const asks = fc.array(
    fc.record({ after: fc.integer({ min: 0, max: 3 * HOUR_MS }), wanted: fc.integer({ min: 1, max: 90 }) }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(rates, asks, (limits, wishes) => {
      let now = at('10:59:00').getTime();
      const usage: Usage[] = [];
      const taken: { at: number; count: number }[] = [];
      for (const { after, wanted } of wishes) {
        now += after;
        const { messages, until } = remainingQuota(limits, usage, new Date(now));
        const count = Math.min(wanted, messages);
        if (messages === 0) {
          expect(until.getTime()).toBeGreaterThan(now);
          expect(remainingQuota(limits, usage, until).messages).toBeGreaterThan(0);
        }
        usage.push({ minute: startOfMinute(new Date(now)), messages: count });
        taken.push({ at: now, count });
      }
      for (const [span, limit] of [
        [HOUR_MS, limits.hour],
        [DAY_MS, limits.day],
      ] as const) {
        for (const { at: from } of taken) {
          const within = taken.filter((each) => each.at >= from && each.at < from + span);
          const sum = within.reduce((total, { count }) => total + count, 0);
          expect(sum).toBeLessThanOrEqual(limit ?? Infinity);
        }
      }
    }),
  );
});
