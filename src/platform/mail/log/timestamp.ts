import { DAY_MS, HOUR_MS } from '../../durations.js';

/** When a log line was written; `isLocal`: its zone is not named. */
export type Timestamp = { at: Date; isLocal: boolean };

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3})\d*)?(?: ?(?:(Z)|([+-])(\d\d):?(\d\d))(?= |$))?/;
const CLASSIC = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Parses the time in front of a log line: RFC 3339, as newer syslog daemons write it, Exim's `2026-11-22 16:00:01`, or
 * `Nov 22 16:00:01` (RFC 3164 section 4.1.2), without year and zone. Undefined without a time.
 * @param writtenBy the time of the file's last change, from which the year is found where there is none
 */
export function parseTimestamp(line: string, writtenBy: Date): Timestamp | undefined {
  return parseIso(line) ?? parseClassic(line, writtenBy);
}

function parseIso(line: string): Timestamp | undefined {
  const match = ISO.exec(line);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', utc, sign, zoneHours, zoneMinutes] = match;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Number(fraction.padEnd(3, '0'));
  if (utc === undefined && sign === undefined) return localTimestamp(parts, milliseconds);
  const offset = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * (sign === '-' ? -1 : 1);
  const [y, m, d, h, min, s] = parts;
  return { at: new Date(Date.UTC(y, m - 1, d, h, min - offset, s, milliseconds)), isLocal: false };
}

function parseClassic(line: string, writtenBy: Date): Timestamp | undefined {
  const [, month = '', ...rest] = CLASSIC.exec(line) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  if (number === 0) return undefined;
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  const inYear = (year: number) => localTimestamp([year, number, day, hour, minute, second], 0);
  const latest = writtenBy.getTime() + DAY_MS;
  const stamp = inYear(writtenBy.getFullYear());
  if (stamp !== undefined && stamp.at.getTime() <= latest) return stamp;
  return inYear(writtenBy.getFullYear() - 1);
}

/** Undefined for a day that the year does not have. */
function localTimestamp(
  [year, month, day, hour, minute, second]: [number, number, number, number, number, number],
  milliseconds: number,
): Timestamp | undefined {
  const at = new Date(year, month - 1, day, hour, minute, second, milliseconds);
  return at.getDate() === day ? { at, isLocal: true } : undefined;
}

/**
 * The later of the two where clocks were set back and a local time came twice, so that a log is not taken to begin too
 * early.
 */
export function latestPossibleTime({ at, isLocal }: Timestamp): Date {
  const later = new Date(at.getTime() + HOUR_MS);
  return isLocal && later.getHours() === at.getHours() ? later : at;
}
