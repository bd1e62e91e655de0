import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { monthNumber } from './month-names.js';

/** Hours from UTC of the zones RFC 822 names and of those feeds use anyway. */
// prettier-ignore
const ZONES: Record<string, number> = {
  z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, west: 1, bst: 1, cet: 1, cest: 2, met: 1, mest: 2, mez: 1, mesz: 2,
  eet: 2, eest: 3,
  eat: 3, msk: 3, sast: 2, ist: 5.5, sgt: 8, hkt: 8, jst: 9, kst: 9, aest: 10, aedt: 11, nzst: 12, nzdt: 13,
  est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7, akst: -9, akdt: -8, hst: -10,
};

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
 * month names in full and in other languages, Unix seconds. A missing or unknown zone is UTC. Undefined for anything
 * else, for days that do not exist, and for the first day of Unix time: programs write it where they know no date.
 */
export function parseFeedDate(raw: string | undefined): Date | undefined {
  const date = readFeedDate(normaliseDateText((raw ?? '').slice(0, 100)));
  return date === undefined || date.getTime() < DAY_MS ? undefined : date;
}

function readFeedDate(text: string): Date | undefined {
  if (/^\d{9,10}$/.test(text)) return new Date(Number(text) * 1000);
  if (/^\d{12,13}$/.test(text)) return new Date(Number(text));
  return readDay(text) ?? readDay(text.replace(/^\p{L}+\.?(?: ?, ?| )/u, ''));
}

function readDay(text: string): Date | undefined {
  return readIso(text) ?? readNumbers(text) ?? readNamed(text);
}

/** One order and one set of marks for what differs only in them. */
function normaliseDateText(raw: string): string {
  return raw
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(\d{4})[년年] ?(\d{1,2})[월月] ?(\d{1,2})[일日]/, '$1-$2-$3')
    .replace(/(오전|上午|오후|下午) ?(\d{1,2}:\d{2}(?::\d{2})?)/, (_, half: string, time: string) => {
      return `${time} ${/오전|上午/.test(half) ? 'am' : 'pm'}`;
    })
    .replace(/ de(?=\s)/gi, '')
    .replace(/ - (?=\d{1,2}:\d)/, ' ')
    .replace(
      /^(\p{L}+,? )?(\p{L}+) (\d{1,2}) ([\d:]{4,8})(?: ([a-z]{3,4}|[+-]\d{4}))? (\d{4})$/iu,
      '$3 $2 $6 $4 $5',
    )
    .trim();
}

/** Dots are European and mean the day first; slashes are American unless that is no month. */
function readNumbers(text: string): Date | undefined {
  const match = NUMERIC_DATE.exec(text);
  if (!match) return undefined;
  const [, first, mark, second, year, ...clock] = match;
  const isDayFirst = mark === '.' || Number(first) > 12;
  const [day, month] = isDayFirst ? [first, second] : [second, first];
  return toDate({ year: Number(year), month: Number(month), day: Number(day) }, clock);
}

function readIso(text: string): Date | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day = '1', ...clock] = match;
  return toDate({ year: Number(year), month: Number(month), day: Number(day) }, clock);
}

function readNamed(text: string): Date | undefined {
  const match = DAY_FIRST.exec(text) ?? swapDayAndMonth(MONTH_FIRST.exec(text));
  if (!match) return undefined;
  const [, day, month = '', year = '', ...clock] = match;
  return toDate({ year: fullYear(year), month: monthNumber(month), day: Number(day) }, clock);
}

function swapDayAndMonth(match: (string | undefined)[] | null): (string | undefined)[] | undefined {
  return match ? [match[0], match[2], match[1], ...match.slice(3)] : undefined;
}

function fullYear(year: string): number {
  if (year.length === 4) return Number(year);
  return Number(year) + (Number(year) < 50 ? 2000 : 1900);
}

function toDate({ year, month, day }: Day, clock: (string | undefined)[]): Date | undefined {
  const [hour = '0', minute = '0', second = '0', half, zone = ''] = clock;
  if (year < 1970 || year > 2199 || month < 1) return undefined;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  const hours = half ? (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hour);
  if (hours > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const minutes = hours * 60 + Number(minute) - readOffset(zone);
  return new Date(midnight.getTime() + minutes * MINUTE_MS + Number(second) * 1000);
}

/** Minutes east of UTC. */
function readOffset(zone: string): number {
  const [, name = '', sign, digits = ''] = /^([a-z]*)\s*([+-])?([\d:]*)/i.exec(zone) ?? [];
  if (!sign) return (ZONES[name.toLowerCase()] ?? 0) * 60;
  const [hours = 0, minutes = 0] = digits.includes(':')
    ? digits.split(':').map(Number)
    : [
        Number(digits.padStart(digits.length < 3 ? 2 : 4, '0').slice(0, 2)),
        Number(digits.slice(-2)) * Number(digits.length > 2),
      ];
  const offset = hours * 60 + minutes;
  return offset > 15 * 60 ? 0 : offset * (sign === '-' ? -1 : 1);
}
