import { Temporal } from 'temporal-polyfill';
import { HOUR_MS, MINUTE_MS } from '../../platform/durations.js';
import { usableTimeZone } from '../../platform/text/time-zone.js';

/** Where the clock stood that a date was read from: minutes east of UTC, or what was written instead of them ('': nothing). */
export type ClockZone = { offset: number } | { name: string };

/** What a clock showed, as if it had stood in UTC; `isDayOnly`: no time of day was written. */
export type ClockTime = { clock: Date; zone: ClockZone; isDayOnly?: true };

/** `unsureZone`: what the zone is called, where nobody can tell what that means; '' when none was written. */
export type ZonedTime = { at: Date; unsureZone?: string };

/** The publication's time zone and the feed's language: what a zone of several meanings can be told by. */
export type ZoneHints = { timeZone?: string | undefined; language?: string | undefined };

/** Hours from UTC of zones that are one and the same everywhere. */
// prettier-ignore
const KNOWN: Record<string, number> = {
  z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, west: 1, cet: 1, cest: 2, met: 1, mest: 2, mez: 1, mesz: 2, eet: 2, eest: 3,
  eat: 3, msk: 3, sast: 2, sgt: 8, hkt: 8, jst: 9, kst: 9, aest: 10, aedt: 11, nzst: 12, nzdt: 13,
  mdt: -6, pdt: -7, akst: -9, akdt: -8, hst: -10,
};

type Reading = readonly [hours: number, regions: string];

/**
 * Zones that mean something else elsewhere, with the regions that use them so. First stands what RFC 822 section 5.1 says,
 * which means America, or what most feeds mean. After the "List of time zone abbreviations" of Wikipedia.
 */
const AMBIGUOUS: Record<string, readonly Reading[]> = {
  est: [
    [-5, 'US CA JM PA HT BS'],
    [10, 'AU'],
  ],
  edt: [
    [-4, 'US CA HT BS'],
    [11, 'AU'],
  ],
  cst: [
    [-6, 'US CA MX CR GT HN NI SV BZ'],
    [8, 'CN TW HK MO'],
    [-5, 'CU'],
    [9.5, 'AU'],
  ],
  cdt: [
    [-5, 'US CA MX'],
    [-4, 'CU'],
    [10.5, 'AU'],
  ],
  mst: [
    [-7, 'US CA MX'],
    [8, 'MY'],
    [6.5, 'MM'],
  ],
  pst: [
    [-8, 'US CA MX'],
    [8, 'PH'],
  ],
  ist: [
    [5.5, 'IN LK'],
    [1, 'IE'],
    [2, 'IL'],
  ],
  bst: [
    [1, 'GB'],
    [6, 'BD'],
    [11, 'PG'],
  ],
  ast: [
    [-4, 'CA PR BB TT DM LC AG BM'],
    [3, 'SA IQ KW QA BH YE'],
  ],
  adt: [
    [-3, 'CA BM'],
    [4, 'IQ'],
  ],
  gst: [
    [4, 'AE OM'],
    [-2, 'GS'],
    [10, 'GU'],
  ],
  sst: [
    [8, 'SG'],
    [-11, 'AS UM'],
  ],
  amt: [
    [4, 'AM'],
    [-4, 'BR'],
  ],
  wst: [
    [8, 'AU'],
    [13, 'WS'],
  ],
};

/** No clock on earth is further from UTC. */
const MAX_OFFSET_MINUTES = 15 * 60;

/** `+0300`, `GMT+3`, `-03:30`, `EST`, `(PST)` or nothing. */
export function readClockZone(text: string): ClockZone {
  const [, name = '', sign, digits = ''] = /^([a-z]*)\s*([+-])?([\d:]*)/i.exec(text) ?? [];
  if (sign !== undefined && digits !== '') {
    const offset = readMinutes(digits) * (sign === '-' ? -1 : 1);
    return Math.abs(offset) > MAX_OFFSET_MINUTES ? { name: `${sign}${digits}` } : { offset };
  }
  const hours = KNOWN[name.toLowerCase()];
  return hours === undefined ? { name: name.toUpperCase() } : { offset: hours * 60 };
}

function readMinutes(digits: string): number {
  const [hours = 0, minutes = 0] = digits.includes(':')
    ? digits.split(':').map(Number)
    : [
        Number(digits.padStart(digits.length < 3 ? 2 : 4, '0').slice(0, 2)),
        Number(digits.slice(-2)) * Number(digits.length > 2),
      ];
  return hours * 60 + minutes;
}

/**
 * When that was. A zone of several meanings is the one that fits the publication's time zone, or the region that the feed's
 * language names, unless these two disagree. Where it stays unsure, the clock is taken to have stood where the publication
 * is: the day is then the one that the feed has. Without a publication it is read by RFC 822, and what that does not know as UTC.
 */
export function resolveZone({ clock, zone }: ClockTime, { timeZone, language }: ZoneHints): ZonedTime {
  if ('offset' in zone) return { at: subtractMinutes(clock, zone.offset) };
  const readings = AMBIGUOUS[zone.name.toLowerCase()] ?? [];
  const local = timeZone === undefined ? undefined : readLocally(clock, timeZone);
  const region = regionOf(language);
  const meant = readings.filter(
    ([hours, regions]) =>
      clock.getTime() - hours * HOUR_MS === local?.getTime() || regions.split(' ').includes(region ?? '-'),
  );
  if (meant.length === 1) return { at: subtractMinutes(clock, (meant[0]?.[0] ?? 0) * 60) };
  const [usual = 0] = readings[0] ?? [];
  return { at: local ?? subtractMinutes(clock, usual * 60), unsureZone: zone.name };
}

function subtractMinutes(clock: Date, minutes: number): Date {
  return new Date(clock.getTime() - minutes * MINUTE_MS);
}

function readLocally(clock: Date, timeZone: string): Date {
  const shown = Temporal.PlainDateTime.from(clock.toISOString().slice(0, -1));
  return new Date(shown.toZonedDateTime(usableTimeZone(timeZone)).epochMilliseconds);
}

/** The region that a language tag names, or where nearly all live who speak it. English is written everywhere. */
function regionOf(language: string | undefined): string | undefined {
  try {
    const locale = new Intl.Locale(language ?? '');
    return locale.language === 'en' ? locale.region : locale.maximize().region;
  } catch {
    return undefined;
  }
}
