/** In which order a file writes day and month, where it writes both as numbers. */
export type DateOrder = 'iso' | 'day-first' | 'month-first';

export type ParsedDate =
  | { kind: 'date'; date: Date }
  /** `order`: day and month cannot be told apart; `range`: nobody can have joined then. */
  | { kind: 'mistake'; mistake: 'bad-date' | 'date-order' | 'date-range' };

/** What programs write for a date that is none; MySQL has the zeros. */
const NOTHING = /^(?:-+|n\/?a|null|none|nil|never|undefined|0{4}-0{2}-0{2}(?: 0{2}:0{2}:0{2})?)?$/i;

const CLOCK =
  /(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?(?: ?(?<half>[ap])\.?m\.?)?)?/i
    .source;
/** Go prints the name of the zone behind its offset. */
const OFFSET = / ?(?<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2}(?: [A-Z]{3,5}| \+\d{4})?)?$/i.source;

const YEAR_FIRST = new RegExp(
  String.raw`^(?<year>\d{4})[-/.](?<month>\d{1,2})[-/.](?<day>\d{1,2})${CLOCK}${OFFSET}`,
  'i',
);
const YEAR_LAST = new RegExp(
  String.raw`^(?<one>\d{1,2})([-/.])(?<two>\d{1,2})\2(?<year>\d{4}|\d{2})${CLOCK}${OFFSET}`,
  'i',
);
const MONTH_NAME = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const NAMED = new RegExp(
  String.raw`^(?:[a-z]{3,9}\.?,? )?(?:(?<day>\d{1,2})(?:st|nd|rd|th)?[ -])?(?<name>${MONTH_NAME})[a-z]*\.?[ -](?:(?<dayBehind>\d{1,2})(?:st|nd|rd|th)?,? )?(?<year>\d{4})(?: at(?= ))?${CLOCK}${OFFSET}`,
  'i',
);
const UNIX = /^\d{9,10}(?:\.\d+)?$|^\d{12,13}$/;

/** What most programs write. */
const COMMON = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z?)?$/;

type Parts = Record<string, string | undefined>;

/** No newsletter was mailed before. */
const EARLIEST = Date.UTC(1990, 0, 1);
/** A clock elsewhere, or a zone that was not written, may be ahead. */
const AHEAD_MS = 86_400_000;

/**
 * A date as an export writes it; without an offset it is UTC.
 * @param order how day and month follow each other; undefined: not known, so what can be read in two ways is not read
 * @returns undefined: the cell says nothing
 */
export function parseDate(text: string, order: DateOrder | undefined, now: Date): ParsedDate | undefined {
  const typed = text.trim();
  const common = commonTime(typed);
  if (common === undefined && NOTHING.test(typed)) return undefined;
  const time = common ?? (UNIX.test(typed) ? unixTime(typed) : writtenTime(typed, order, now));
  if (typeof time === 'string') return { kind: 'mistake', mistake: time };
  if (time < EARLIEST || time > now.getTime() + AHEAD_MS) return { kind: 'mistake', mistake: 'date-range' };
  return { kind: 'date', date: new Date(time) };
}

/** Undefined: written in another way, or no real date; one that is none in its month is another day to `Date.parse`. */
function commonTime(text: string): number | undefined {
  const [, date, clock = '00:00:00'] = COMMON.exec(text) ?? [];
  if (date === undefined) return undefined;
  const time = Date.parse(`${date}T${clock}Z`);
  return new Date(time).getUTCDate() === Number(date.slice(8)) ? time : undefined;
}

/** Seconds or milliseconds since 1970. */
function unixTime(text: string): number {
  return text.length >= 12 && !text.includes('.') ? Number(text) : Math.round(Number(text) * 1000);
}

function writtenTime(
  text: string,
  order: DateOrder | undefined,
  now: Date,
): number | 'bad-date' | 'date-order' {
  const first = YEAR_FIRST.exec(text)?.groups as Parts | undefined;
  if (first !== undefined) return timeOf(Number(first.year), Number(first.month), Number(first.day), first);
  const last = YEAR_LAST.exec(text)?.groups as Parts | undefined;
  if (last !== undefined) return numericTime(last, order, now);
  const named = NAMED.exec(text)?.groups as Parts | undefined;
  if (named === undefined) return 'bad-date';
  const month = MONTH_NAME.split('|').indexOf((named.name ?? '').toLowerCase()) + 1;
  return timeOf(Number(named.year), month, Number(named.day ?? named.dayBehind ?? 'x'), named);
}

/** Day and month as numbers. One beyond 12 is the day, whatever the order, unless the order says that it is the month. */
function numericTime(
  parts: Parts,
  order: DateOrder | undefined,
  now: Date,
): number | 'bad-date' | 'date-order' {
  const [one, two] = [Number(parts.one), Number(parts.two)];
  const isDayFirst = order === 'day-first' || (order !== 'month-first' && one > 12);
  const isMonthFirst = order === 'month-first' || (order !== 'day-first' && two > 12);
  if (isDayFirst === isMonthFirst && one !== two) return isDayFirst ? 'bad-date' : 'date-order';
  const year = fullYear(parts.year ?? '', now);
  return isDayFirst ? timeOf(year, two, one, parts) : timeOf(year, one, two, parts);
}

/** Of two digits, the latest year that has begun. */
function fullYear(text: string, now: Date): number {
  const year = Number(text);
  if (text.length === 4) return year;
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  return century + year > now.getUTCFullYear() ? century - 100 + year : century + year;
}

function timeOf(year: number, month: number, day: number, parts: Parts): number | 'bad-date' {
  const hour = fullHour(Number(parts.hour ?? 0), parts.half);
  const [minute, second] = [Number(parts.minute ?? 0), Number(parts.second ?? 0)];
  const fraction = Math.floor(Number(`0.${parts.fraction ?? 0}`) * 1000);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, fraction));
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 61;
  return isReal ? date.getTime() - offsetMs(parts.offset) : 'bad-date';
}

/** 12 am is midnight, 12 pm noon. */
function fullHour(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function offsetMs(offset = 'Z'): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/**
 * The order that these dates prove: `iso`, none has day and month as numbers behind each other; `ask`, some have and nothing tells
 * them apart, or they contradict each other.
 */
export function dateOrderOf(values: Iterable<string>): DateOrder | 'ask' {
  const seen = { any: false, dayFirst: false, monthFirst: false };
  for (const value of values) {
    const parts = YEAR_LAST.exec(value.trim())?.groups;
    if (parts === undefined) continue;
    seen.any = true;
    if (Number(parts['one']) > 12) seen.dayFirst = true;
    if (Number(parts['two']) > 12) seen.monthFirst = true;
  }
  if (!seen.any) return 'iso';
  if (seen.dayFirst === seen.monthFirst) return 'ask';
  return seen.dayFirst ? 'day-first' : 'month-first';
}
