import { Temporal } from 'temporal-polyfill';
import type { CadenceSettings } from '../subscription.js';

/**
 * The first moment after `after` at which she is due by her own clock; null for instant readers, who are due with each
 * article. An hour that a spring change leaves out moves forward, one that autumn repeats counts once, the first time
 * (Temporal's "compatible" disambiguation), and always on its own day. A day of the month that a month lacks is its
 * last day.
 */
export function nextDueAt(rhythm: CadenceSettings, after: Date): Date | null {
  if (rhythm.cadence === 'instant') return null;
  const start = Temporal.Instant.fromEpochMilliseconds(after.getTime())
    .toZonedDateTimeISO(rhythm.timezone)
    .toPlainDate();
  // The first candidate may lie before `after`, or on a local date whose hour a zone change moved: look a few further.
  for (let date = firstDate(rhythm, start); ; date = followingDate(rhythm, date)) {
    const due = new Date(atHour(date, rhythm).epochMilliseconds);
    if (due > after) return due;
  }
}

function atHour(date: Temporal.PlainDate, { hour, timezone }: CadenceSettings): Temporal.ZonedDateTime {
  const clock = date.toPlainDateTime({ hour });
  const due = clock.toZonedDateTime(timezone, { disambiguation: 'compatible' });
  // Greenland's clocks go forward at 23:00: moved to midnight she would miss this day's digest, or the next one's.
  return due.toPlainDate().equals(date)
    ? due
    : clock.toZonedDateTime(timezone, { disambiguation: 'earlier' });
}

function firstDate(rhythm: CadenceSettings, start: Temporal.PlainDate): Temporal.PlainDate {
  switch (rhythm.cadence) {
    case 'instant':
    case 'daily':
      return start;
    case 'weekly':
      return start.add({ days: (rhythm.weekday - start.dayOfWeek + 7) % 7 });
    case 'monthly':
      return start.with({ day: rhythm.dayOfMonth });
  }
}

function followingDate(rhythm: CadenceSettings, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (rhythm.cadence) {
    case 'instant':
    case 'daily':
      return date.add({ days: 1 });
    case 'weekly':
      return date.add({ days: 7 });
    case 'monthly':
      return date.add({ months: 1 }).with({ day: rhythm.dayOfMonth });
  }
}
