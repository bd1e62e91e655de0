import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { readClockZone, type ClockTime } from './clock-zone.js';
import { monthNumber } from './month-names.js';

const TIME_OF_DAY = String.raw`(?:[ T,]+(?:at |um |à )?(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*([ap]m)?\s*\(?([a-z]*\s*[+-]?[\d:]*)[^]*)?`;
const ISO = new RegExp(String.raw`^(\d{4})[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2}))?${TIME_OF_DAY}$`, 'i');
const DAY_FIRST = new RegExp(
  String.raw`^(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -]+(\p{L}{3,})\.?[, -]+(\d{4}|\d{2})${TIME_OF_DAY}$`,
  'iu',
);
const MONTH_FIRST = new RegExp(
  String.raw`^(\p{L}{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})${TIME_OF_DAY}$`,
  'iu',
);

const NUMERIC_DATE = new RegExp(String.raw`^(\d{1,2})([./])(\d{1,2})\2(\d{4})${TIME_OF_DAY}$`, 'i');

type Day = { year: number; month: number; day: number };

/**
 * The dates of RSS (RFC 822 and 5322), Atom (RFC 3339) and what feeds write instead: unknown weekdays, two-digit years,
 * month names in full and in other languages, Unix seconds. Undefined for anything else, for days that do not exist, and for
 * the first day of Unix time: programs write it where they know no date.
 */
export function parseFeedDate(raw: string | undefined): ClockTime | undefined {
  const date = readFeedDate(normaliseDateText((raw ?? '').slice(0, 100)));
  return date === undefined || roughTime(date) < DAY_MS ? undefined : date;
}

function roughTime({ clock, zone }: ClockTime): number {
  return clock.getTime() - ('offset' in zone ? zone.offset * MINUTE_MS : 0);
}

function readFeedDate(text: string): ClockTime | undefined {
  if (/^\d{9,10}$/.test(text)) return unixTime(Number(text) * 1000);
  if (/^\d{12,13}$/.test(text)) return unixTime(Number(text));
  return readDay(text) ?? readDay(text.replace(/^\p{L}+\.?(?: ?, ?| )/u, ''));
}

function unixTime(milliseconds: number): ClockTime {
  return { clock: new Date(milliseconds), zone: { offset: 0 } };
}

function readDay(text: string): ClockTime | undefined {
  return readIso(text) ?? readNumbers(text) ?? readNamed(text);
}

/** One order and one set of marks for what differs only in them. */
function normaliseDateText(raw: string): string {
  return raw
    .replace(/\s+/g, ' ')
    .replaceAll('\u2212', '-')
    .trim()
    .replace(/^(\d{4})[년年] ?(\d{1,2})[월月] ?(\d{1,2})[일日]/, '$1-$2-$3')
    .replace(/(오전|上午|오후|下午) ?(\d{1,2}:\d{2}(?::\d{2})?)/, (_, half: string, time: string) => {
      return `${time} ${/오전|上午/.test(half) ? 'am' : 'pm'}`;
    })
    .replace(/ de(?=\s)/gi, '')
    .replace(/ - (?=\d{1,2}:\d)/, ' ')
    .replace(
      /^(\p{L}+,? )?(\p{L}+) (\d{1,2}) ([\d:]{4,8})(?: ([a-z]{1,5}|[+-]\d{4}))? (\d{4})$/iu,
      '$3 $2 $6 $4 $5',
    )
    .trim();
}

/** Dots are European and mean the day first; slashes are American unless that is no month. */
function readNumbers(text: string): ClockTime | undefined {
  const match = NUMERIC_DATE.exec(text);
  if (!match) return undefined;
  const [, first, mark, second, year, ...time] = match;
  const isDayFirst = mark === '.' || Number(first) > 12;
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  return toDate({ year: Number(year), month: Number(month), day: Number(day) }, time);
}

function readIso(text: string): ClockTime | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day = '1', ...time] = match;
  return toDate({ year: Number(year), month: Number(month), day: Number(day) }, time);
}

function readNamed(text: string): ClockTime | undefined {
  const match = DAY_FIRST.exec(text) ?? swapDayAndMonth(MONTH_FIRST.exec(text));
  if (!match) return undefined;
  const [, day, month = '', year = '', ...time] = match;
  return toDate({ year: fullYear(year), month: monthNumber(month), day: Number(day) }, time);
}

function swapDayAndMonth(match: (string | undefined)[] | null): (string | undefined)[] | undefined {
  return match ? [match[0], match[2], match[1], ...match.slice(3)] : undefined;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < 50 ? 2000 : 1900);
}

function toDate({ year, month, day }: Day, time: (string | undefined)[]): ClockTime | undefined {
  const [hour = '0', minute = '0', second = '0', half, zone = ''] = time;
  if (year < 1970 || year > 2199 || month < 1) return undefined;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  const hours = half ? (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hour);
  if (hours > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const minutes = hours * 60 + Number(minute);
  const clock = new Date(midnight.getTime() + minutes * MINUTE_MS + Number(second) * 1000);
  return { clock, zone: readClockZone(zone), ...(time[0] === undefined && { isDayOnly: true }) };
}
