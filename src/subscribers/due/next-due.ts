import { Temporal } from 'temporal-polyfill';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import type { CadenceSettings } from '../subscription.js';

/**
 * The first moment after `after` at which a reader is due in her time zone; null for instant readers, who are due with each
 * article. An hour that clocks skip in spring moves forward, one that they repeat in autumn counts once, the first time
 * (Temporal's "compatible" disambiguation), and always on its own day. A day of the month that a month lacks is its last
 * day.
 */
export function nextDueAt(settings: CadenceSettings, after: Date): Date | null {
  if (settings.cadence === 'instant') return null;
  const start = Temporal.Instant.fromEpochMilliseconds(after.getTime())
    .toZonedDateTimeISO(usableTimeZone(settings.timezone))
    .toPlainDate();
  // The first candidate may lie before `after`, or on a date whose hour a change of clocks moved.
  for (let date = firstDate(settings, start); ; date = followingDate(settings, date)) {
    const due = new Date(atHour(date, settings).epochMilliseconds);
    if (due > after) return due;
  }
}

function atHour(date: Temporal.PlainDate, { hour, timezone }: CadenceSettings): Temporal.ZonedDateTime {
  const clock = date.toPlainDateTime({ hour });
  const zone = usableTimeZone(timezone);
  const due = clock.toZonedDateTime(zone, { disambiguation: 'compatible' });
  // Greenland's clocks go forward at 23:00: moved to midnight, this day's digest or the next day's would be left out.
  return due.toPlainDate().equals(date) ? due : clock.toZonedDateTime(zone, { disambiguation: 'earlier' });
}

function firstDate(settings: CadenceSettings, start: Temporal.PlainDate): Temporal.PlainDate {
  switch (settings.cadence) {
    case 'instant':
    case 'daily':
      return start;
    case 'weekly':
      return start.add({ days: (settings.weekday - start.dayOfWeek + 7) % 7 });
    case 'monthly':
      return start.with({ day: settings.dayOfMonth });
  }
}

function followingDate(settings: CadenceSettings, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (settings.cadence) {
    case 'instant':
    case 'daily':
      return date.add({ days: 1 });
    case 'weekly':
      return date.add({ days: 7 });
    case 'monthly':
      return date.add({ months: 1 }).with({ day: settings.dayOfMonth });
  }
}
