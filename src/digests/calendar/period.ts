import { Temporal } from 'temporal-polyfill';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import { nextDueAt } from '../../subscribers/due/next-due.js';
import type { CadenceSettings } from '../../subscribers/subscription.js';

/** The day, week or month of the reader's own calendar that one digest covers. */
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
    .toZonedDateTimeISO(usableTimeZone(timezone))
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

/**
 * The period whose digest a reader gets now. A weekly or monthly one that comes late is still that of the week or month
 * she was due in, or she would hear nothing until the one after the next. A late daily one is that of today: no date
 * sees two.
 */
export function periodDue(cadence: PeriodicCadence, reader: DueRhythm, now: Date): Period {
  const moment = cadence === 'daily' ? now : lastDueAt({ ...reader, cadence }, now);
  return periodOf(cadence, reader.timezone, moment);
}

/** When she is due again after getting, or having had, the digest she is due now. */
export function nextDueAfterPeriod(reader: DueRhythm, now: Date): Date | null {
  const { cadence, timezone } = reader;
  if (cadence === 'instant') return null;
  const current = periodDue(cadence, reader, now).key;
  for (let due = nextDueAt(reader, now); due !== null; due = nextDueAt(reader, due)) {
    if (periodOf(cadence, timezone, due).key !== current) return due;
  }
  return null;
}

/** `nextDueAt`, when it has passed, is when she became due; without one she is due now. */
export type DueRhythm = CadenceSettings & { nextDueAt?: Date | null };

/** The latest moment she was due, however many she missed while nothing was planned. */
function lastDueAt(reader: DueRhythm, now: Date): Date {
  if (!reader.nextDueAt || reader.nextDueAt > now) return now;
  let last = reader.nextDueAt;
  for (let due = nextDueAt(reader, last); due !== null && due <= now; due = nextDueAt(reader, due))
    last = due;
  return last;
}

function endInLastZone(firstDayAfter: Temporal.PlainDate): Date {
  return new Date(firstDayAfter.toPlainDateTime().toZonedDateTime('-12:00').epochMilliseconds);
}
