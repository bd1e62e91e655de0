import { Temporal } from 'temporal-polyfill';

export const pauseLengths = ['week', 'month', 'date'] as const;
export type PauseLength = (typeof pauseLengths)[number];

/** A longer one is a goodbye: there is a button for that. */
const MAX_PAUSE_YEARS = 1;

/** The days a pause may end on, as ISO 8601 dates of her own calendar: tomorrow to a year from now. */
export function pauseDateRange(timezone: string, now: Date): { least: string; most: string } {
  const today = localDay(timezone, now);
  return { least: today.add({ days: 1 }).toString(), most: today.add({ years: MAX_PAUSE_YEARS }).toString() };
}

/** The day a moment falls on where she lives, as an ISO 8601 date. */
export function localDate(timezone: string, at: Date): string {
  return localDay(timezone, at).toString();
}

/**
 * When a pause ends: the moment that day begins where she lives.
 * @param date as she typed it, for a pause until a date: ISO 8601, `2026-12-24`
 * @returns undefined when that is no date, or none that a pause may end on
 */
export function pauseEndsAt(
  length: PauseLength,
  date: string,
  timezone: string,
  now: Date,
): Date | undefined {
  const day = length === 'date' ? parseDate(date) : addLength(localDay(timezone, now), length);
  const { least, most } = pauseDateRange(timezone, now);
  if (day === undefined || day.toString() < least || day.toString() > most) return undefined;
  return new Date(day.toZonedDateTime(timezone).epochMilliseconds);
}

function addLength(today: Temporal.PlainDate, length: 'week' | 'month'): Temporal.PlainDate {
  return today.add(length === 'week' ? { days: 7 } : { months: 1 });
}

function parseDate(text: string): Temporal.PlainDate | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    // 31 November: Temporal says so, and she is asked again.
    return undefined;
  }
}

function localDay(timezone: string, now: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timezone).toPlainDate();
}
