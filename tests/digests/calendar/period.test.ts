import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { periodOf, type PeriodicCadence } from '../../../src/digests/calendar/period.js';
import { DAY_MS, HOUR_MS } from '../../../src/platform/durations.js';

const zones = Intl.supportedValuesOf('timeZone');

describe('the period of a digest', () => {
  test.each<[string, PeriodicCadence, string, string, string]>([
    ['a day by her own calendar', 'daily', 'Pacific/Kiritimati', '2026-11-21T10:00:00Z', '2026-11-22'],
    ['the same day, half a world later', 'daily', 'Pacific/Honolulu', '2026-11-23T09:59:59Z', '2026-11-22'],
    ['an ISO week', 'weekly', 'UTC', '2026-11-22T23:59:59Z', '2026-W47'],
    ['the next from Monday on', 'weekly', 'UTC', '2026-11-23T00:00:00Z', '2026-W48'],
    ['a week with a small number', 'weekly', 'UTC', '2027-01-04T00:00:00Z', '2027-W01'],
    ['the last week of a long year', 'weekly', 'UTC', '2026-12-31T12:00:00Z', '2026-W53'],
    ['New Year in the old year’s week', 'weekly', 'UTC', '2027-01-03T12:00:00Z', '2026-W53'],
    ['December in the new year’s week', 'weekly', 'UTC', '2024-12-30T12:00:00Z', '2025-W01'],
    ['a month by her own calendar', 'monthly', 'America/New_York', '2026-12-01T04:59:59Z', '2026-11'],
  ])('%s', (_what, cadence, timezone, now, key) => {
    expect(periodOf(cadence, timezone, new Date(now)).key).toBe(key);
  });

  test.each<[PeriodicCadence, string, string]>([
    ['daily', '2026-11-22T10:00:00Z', '2026-11-23T12:00:00.000Z'],
    ['weekly', '2026-11-22T10:00:00Z', '2026-11-23T12:00:00.000Z'],
    ['weekly', '2027-01-01T10:00:00Z', '2027-01-04T12:00:00.000Z'],
    ['monthly', '2026-12-31T10:00:00Z', '2027-01-01T12:00:00.000Z'],
  ])('a %s one of %s closes when its last day has ended in UTC-12', (cadence, now, closesAt) => {
    expect(periodOf(cadence, 'UTC', new Date(now)).closesAt.toISOString()).toBe(closesAt);
  });

  test('the last time zone, UTC-12, is in it until the moment it closes', () => {
    const last = new Date('2026-11-22T11:59:59.999Z');
    expect(periodOf('daily', 'Etc/GMT+12', last)).toEqual({
      key: '2026-11-21',
      closesAt: new Date('2026-11-22T12:00:00Z'),
    });
    expect(periodOf('daily', 'Etc/GMT+12', new Date('2026-11-22T12:00:00Z')).key).toBe('2026-11-22');
  });

  test('in every zone, a period is open while she is in it, and the same key always closes at the same time', () => {
    const closing = new Map<string, number>();
    const longest = { daily: 1, weekly: 7, monthly: 31 };
    const moments = fc.date({
      min: new Date('2026-10-01'),
      max: new Date('2027-03-01'),
      noInvalidDate: true,
    });
    const cadences = fc.constantFrom<PeriodicCadence[]>('daily', 'weekly', 'monthly');
    fc.assert(
      fc.property(cadences, fc.constantFrom(...zones), moments, (cadence, timezone, now) => {
        const { key, closesAt } = periodOf(cadence, timezone, now);
        const open = closesAt.getTime() - now.getTime();
        expect(open).toBeGreaterThan(0);
        // From the first zone (UTC+14) to the last (UTC-12) it is 26 hours.
        expect(open).toBeLessThanOrEqual(longest[cadence] * DAY_MS + 26 * HOUR_MS);
        expect(closing.get(key) ?? closesAt.getTime()).toBe(closesAt.getTime());
        closing.set(key, closesAt.getTime());
      }),
      { numRuns: 500 },
    );
  });
});
