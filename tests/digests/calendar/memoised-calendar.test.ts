import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCalendar } from '../../../src/digests/calendar/memoised-calendar.js';
import { nextDueAfterPeriod, periodDue, periodOf } from '../../../src/digests/calendar/period.js';
import { nextDueAt } from '../../../src/subscribers/due/next-due.js';
import type { CadenceSettings } from '../../../src/subscribers/subscription.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const NOW = new Date('2026-11-22T09:30:00Z');
const zones = ['UTC', 'Africa/Nairobi', 'Pacific/Kiritimati', 'Pacific/Honolulu', 'America/St_Johns'];

type Reader = CadenceSettings & { nextDueAt: Date | null };

/** Few values each, so that many readers differ in one thing only. */
const readers: fc.Arbitrary<Reader> = fc.record({
  cadence: fc.constantFrom('instant', 'daily', 'weekly', 'monthly'),
  hour: fc.constantFrom(0, 9, 23),
  weekday: fc.constantFrom(1, 7),
  dayOfMonth: fc.constantFrom(1, 31),
  timezone: fc.constantFrom(...zones),
  nextDueAt: fc.constantFrom(
    null,
    ...[0, 1, 8, 40].map((days) => new Date(NOW.getTime() - days * DAY_MS)),
    new Date(NOW.getTime() + DAY_MS),
  ),
});

test('a memoised result for readers with the same cadence settings is what the rules give for each of them', () => {
  const calendar = createCalendar(NOW);
  fc.assert(
    fc.property(readers, (reader) => {
      const { cadence, timezone } = reader;
      expect(calendar.today(timezone)).toEqual(periodOf('daily', timezone, NOW));
      expect(calendar.nextDueAt(reader)).toEqual(nextDueAt(reader, NOW));
      expect(calendar.nextDueAfterPeriod(reader)).toEqual(nextDueAfterPeriod(reader, NOW));
      if (cadence === 'instant') return;
      expect(calendar.periodDue(cadence, reader)).toEqual(periodDue(cadence, reader, NOW));
    }),
    { numRuns: 1_500 },
  );
});

test('memoised results of daily, weekly and instant readers are kept apart', () => {
  const calendar = createCalendar(NOW);
  const reader = { hour: 9, weekday: 1, dayOfMonth: 1, timezone: 'UTC', nextDueAt: NOW };
  const next = (['daily', 'weekly', 'monthly', 'instant', 'daily'] as const).map((cadence) =>
    calendar.nextDueAt({ ...reader, cadence })?.toISOString(),
  );
  expect(next).toEqual([
    '2026-11-23T09:00:00.000Z',
    '2026-11-23T09:00:00.000Z',
    '2026-12-01T09:00:00.000Z',
    undefined,
    '2026-11-23T09:00:00.000Z',
  ]);
});
