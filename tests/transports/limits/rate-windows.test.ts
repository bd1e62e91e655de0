import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isInWindow,
  isUnlimited,
  ratesAt,
  nextPermitsAt,
  remainingPermits,
  windowsAt,
  type Usage,
} from '../../../src/transports/limits/rate-windows.js';
import type { Rates, Span } from '../../../src/platform/mail/smtp/smtp-url-parameters.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const spanMs: Record<Span, number> = { second: 1_000, minute: 60_000, hour: HOUR_MS, day: DAY_MS };
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

test('a window begins with its second, minute, hour and day of UTC', () => {
  const rates = { second: 10, minute: 20, hour: 30, day: 40 };
  expect(windowsAt(rates, [], at('10:20:30.400'))).toEqual([
    { span: 'second', startsAt: at('10:20:30.000'), endsAt: at('10:20:31.000'), limit: 10, used: 0 },
    { span: 'minute', startsAt: at('10:20:00.000'), endsAt: at('10:21:00.000'), limit: 20, used: 0 },
    { span: 'hour', startsAt: at('10:00:00.000'), endsAt: at('11:00:00.000'), limit: 30, used: 0 },
    { span: 'day', startsAt: at('00:00:00.000'), endsAt: new Date('2026-11-23'), limit: 40, used: 0 },
  ]);
});

test('the smallest room counts, and there is room again when every full window has ended', () => {
  const usage: Usage[] = [
    { span: 'minute', startsAt: at('10:20:00'), used: 5 },
    { span: 'hour', startsAt: at('10:00:00'), used: 8 },
  ];
  const windows = (rates: Rates) => windowsAt(rates, usage, at('10:20:30'));
  expect(remainingPermits(windows({ minute: 7, hour: 9 }))).toBe(1);
  expect(nextPermitsAt(windows({ minute: 7, hour: 9 }))).toBeUndefined();
  expect(nextPermitsAt(windows({ minute: 5, hour: 9 }))).toEqual(at('10:21:00'));
  expect(nextPermitsAt(windows({ minute: 5, hour: 8 }))).toEqual(at('11:00:00'));
  // A limit that was lowered meanwhile.
  expect(remainingPermits(windows({ minute: 3 }))).toBe(0);
  expect(remainingPermits([])).toBe(Infinity);
});

test('the use of an earlier window does not count; that of one that began a moment early by another clock does', () => {
  const used = (startsAt: Date) =>
    windowsAt({ minute: 7 }, [{ span: 'minute', startsAt, used: 5 }], at('10:20:59.990'));
  expect(used(at('10:19:00'))).toMatchObject([{ startsAt: at('10:20:00'), used: 0 }]);
  expect(used(at('10:20:00'))).toMatchObject([{ startsAt: at('10:20:00'), used: 5 }]);
  expect(used(at('10:21:00'))).toMatchObject([{ startsAt: at('10:21:00'), used: 5 }]);
  // A clock that was wrong by days must not keep the mail for days.
  expect(used(at('10:22:00'))).toMatchObject([{ startsAt: at('10:20:00'), used: 0 }]);
});

test('permits belong to the window they were taken in', () => {
  const usage: Usage = { span: 'minute', startsAt: at('10:20:00'), used: 5 };
  expect(isInWindow(usage, at('10:20:59.999'))).toBe(true);
  expect(isInWindow(usage, at('10:21:00'))).toBe(false);
});

describe('warming up', () => {
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

test('property: however it is asked, no window of any span ever holds more than its limit', () => {
  const rates = fc.record(
    {
      second: fc.integer({ min: 1, max: 20 }),
      minute: fc.integer({ min: 1, max: 60 }),
      hour: fc.integer({ min: 1, max: 200 }),
    },
    { requiredKeys: [] },
  );
  const asks = fc.array(
    fc.record({ after: fc.integer({ min: 0, max: 120_000 }), wanted: fc.integer({ min: 1, max: 50 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(rates, asks, (limits, wishes) => {
      let now = at('10:59:00').getTime();
      let usage: Usage[] = [];
      const taken: { at: number; count: number }[] = [];
      for (const { after, wanted } of wishes) {
        now += after;
        const windows = windowsAt(limits, usage, new Date(now));
        const count = Math.min(wanted, remainingPermits(windows));
        const until = nextPermitsAt(windows);
        expect(count === 0).toBe(until !== undefined);
        if (until !== undefined) expect(remainingPermits(windowsAt(limits, usage, until))).toBeGreaterThan(0);
        usage = windows.map((window) => ({ ...window, used: window.used + count }));
        taken.push({ at: now, count });
      }
      for (const span of Object.keys(limits) as (keyof typeof limits)[]) {
        const sums = new Map<number, number>();
        for (const { at: time, count } of taken) {
          const window = Math.floor(time / spanMs[span]);
          sums.set(window, (sums.get(window) ?? 0) + count);
        }
        expect(Math.max(...sums.values())).toBeLessThanOrEqual(limits[span] ?? 0);
      }
    }),
  );
});
