import { LRUCache } from 'lru-cache';
import { textDirection } from './direction.js';
import { canonicalLanguageTag } from './language-tag.js';
import { usableTimeZone } from './time-zone.js';

/**
 * `22 September 2026, 14:02 (East Africa Time)`: a time in an IANA zone, with the name of the zone; in UTC where this runtime
 * does not know the zone.
 */
export function formatDateTime(at: Date, zone: string, locale: string): string {
  return `${formatDate(at, zone, locale)}${dateTimeSeparator(locale)}${formatTime(at, zone, locale)}`;
}

/** `Tuesday 22 September, 14:02 (East Africa Time)`: without the year, for times that are near. */
export function formatWeekdayTime(at: Date, zone: string, locale: string): string {
  return `${formatWeekday(at, zone, locale)}${dateTimeSeparator(locale)}${formatTime(at, zone, locale)}`;
}

/** `14:02 (East Africa Time)`. */
export function formatTime(at: Date, zone: string, locale: string): string {
  return `${formatClock(at, zone, locale)} (${formatTimeZone(at, zone, locale)})`;
}

/** `Tue 1 Dec`: for lists, where space is short. */
export function formatShortDay(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' });
}

/** `07:00`, without the name of the zone, which stands nearby. */
export function formatClock(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** `07:00`, of an hour from 0 to 23 in no particular zone. */
export function formatHour(hour: number, locale: string): string {
  const at = new Date(Date.UTC(2024, 0, 1, hour));
  return formatWith(at, locale, { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** `22 September 2026`: the calendar day in that zone. */
export function formatDate(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' });
}

function formatWeekday(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long' });
}

/** `15–21 September`: the days from one time to another, with years only where they differ. */
export function formatDateRange(from: Date, to: Date, timeZone: string, locale: string): string {
  const years = new Set([from, to].map((at) => formatWith(at, locale, { timeZone, year: 'numeric' })));
  const days = { timeZone, day: 'numeric', month: 'long' } as const;
  const range = cachedFormatter(locale, years.size > 1 ? { ...days, year: 'numeric' } : days);
  // No spaces around the dash between two days of one month, as in print.
  return range.formatRange(from, to).replace(/(\d)\s*–\s*(\d+ \D+)$/u, '$1–$2');
}

/** The comma between a date and a time, which is another character in Arabic script. */
function dateTimeSeparator(locale: string): string {
  return textDirection(locale) === 'rtl' && !/^(he|yi)\b/i.test(locale) ? '، ' : ', ';
}

function formatTimeZone(at: Date, timeZone: string, locale: string): string {
  // "Coordinated Universal Time" is less known than "UTC".
  if (usableTimeZone(timeZone) === 'UTC') return 'UTC';
  const parts = cachedFormatter(locale, { timeZone, timeZoneName: 'long' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? usableTimeZone(timeZone);
}

function formatWith(at: Date, locale: string, options: ZonedFormat): string {
  return cachedFormatter(locale, options).format(at);
}

/** Each takes tens of kilobytes. */
const cachedFormatters = new LRUCache<string, Intl.DateTimeFormat>({ max: 200 });

/** Making a formatter takes a thousand times as long as using it. */
function cachedFormatter(locale: string, options: ZonedFormat): Intl.DateTimeFormat {
  const zoned = { ...options, timeZone: usableTimeZone(options.timeZone) };
  const key = JSON.stringify([locale, zoned]);
  const cached = cachedFormatters.get(key) ?? new Intl.DateTimeFormat(formattingLocale(locale), zoned);
  cachedFormatters.set(key, cached);
  return cached;
}

type ZonedFormat = Intl.DateTimeFormatOptions & { timeZone: string };

/** Plain `en` formats as in the United States; our English texts have the day first. */
function formattingLocale(locale: string): string {
  const tag = canonicalLanguageTag(locale) ?? 'en';
  return tag === 'en' ? 'en-GB' : tag;
}
