import { Temporal } from 'temporal-polyfill';
import { nextDueAt } from '../subscribers/rhythm.js';
import type { Rhythm } from '../subscribers/subscription.js';

/** The stretch of her own calendar that one digest covers. */
export type Period = {
  /** 2026-11-22, 2026-W47 or 2026-11: readers of all zones with the same key share one digest. */
  key: string;
  /** When it has ended in the last time zone on earth (UTC-12). */
  closesAt: Date;
};

export type PeriodicCadence = 'daily' | 'weekly' | 'monthly';

/** The period that a moment falls in, by the calendar of a time zone. */
export function periodOf(cadence: PeriodicCadence, timezone: string, now: Date): Period {
  const date = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  switch (cadence) {
    case 'daily':
      return { key: date.toString(), closesAt: endInLastZone(date.add({ days: 1 })) };
    case 'weekly': {
      const monday = date.subtract({ days: date.dayOfWeek - 1 });
      const week = String(date.weekOfYear).padStart(2, '0');
      return { key: `${date.yearOfWeek}-W${week}`, closesAt: endInLastZone(monday.add({ days: 7 })) };
    }
    case 'monthly':
      return {
        key: date.toPlainYearMonth().toString(),
        closesAt: endInLastZone(date.with({ day: 1 }).add({ months: 1 })),
      };
  }
}

/** When she is due again after getting, or having had, the digest of the period that `now` is in. */
export function nextFreePeriod(rhythm: Rhythm, now: Date): Date | null {
  const { cadence, timezone } = rhythm;
  if (cadence === 'instant') return null;
  const current = periodOf(cadence, timezone, now).key;
  for (let due = nextDueAt(rhythm, now); due !== null; due = nextDueAt(rhythm, due)) {
    if (periodOf(cadence, timezone, due).key !== current) return due;
  }
  return null;
}

function endInLastZone(firstDayAfter: Temporal.PlainDate): Date {
  return new Date(firstDayAfter.toPlainDateTime().toZonedDateTime('-12:00').epochMilliseconds);
}
