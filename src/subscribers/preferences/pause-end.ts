import { Temporal } from 'temporal-polyfill';
import { usableTimeZone } from '../../platform/text/time-zone.js';

export const pauseLengths = ['week', 'month', 'date'] as const;
export type PauseLength = (typeof pauseLengths)[number];

/** Who wants to pause for longer may unsubscribe. */
const MAX_PAUSE_YEARS = 1;

/** The first and last day a pause may end on, as ISO 8601 dates in her time zone: tomorrow, and a year from now. */
export function pauseDateRange(timezone: string, now: Date): { min: string; max: string } {
  const today = localDay(timezone, now);
  return { min: today.add({ days: 1 }).toString(), max: today.add({ years: MAX_PAUSE_YEARS }).toString() };
}

/** The date of a moment in a time zone, as ISO 8601. */
export function localDate(timezone: string, at: Date): string {
  return localDay(timezone, at).toString();
}

/**
 * When a pause ends: as its last day begins in her time zone.
 * @param date as she typed it, for the length `date`: ISO 8601, `2026-12-24`
 * @returns undefined when that is no date, or not within `pauseDateRange`
 */
export function pauseEndsAt(
  length: PauseLength,
  date: string,
  timezone: string,
  now: Date,
): Date | undefined {
  const day = length === 'date' ? parseDate(date) : addLength(localDay(timezone, now), length);
  const { min, max } = pauseDateRange(timezone, now);
  if (day === undefined || day.toString() < min || day.toString() > max) return undefined;
  return new Date(day.toZonedDateTime(usableTimeZone(timezone)).epochMilliseconds);
}

function addLength(today: Temporal.PlainDate, length: 'week' | 'month'): Temporal.PlainDate {
  return today.add(length === 'week' ? { days: 7 } : { months: 1 });
}

function parseDate(text: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    // 31 November.
    return undefined;
  }
}

function localDay(timezone: string, now: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(usableTimeZone(timezone))
    .toPlainDate();
}
