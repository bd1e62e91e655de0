import { InvalidArgumentError } from 'commander';
import { Temporal } from 'temporal-polyfill';
import { usableTimeZone } from '../platform/text/time-zone.js';

/** A moment as it was typed: with a zone it is one; without, it is a time on the clocks of some zone. */
export type TypedMoment = { at: Date } | { clock: Temporal.PlainDateTime };

/** For help: what `parseMoment` takes. */
export const MOMENT_FORMAT = 'ISO 8601; without a zone, in that of the publication';

/** ISO 8601: a date, a time of day, and a zone or none. A space may stand for the T. */
const FORM = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** A parser of an option's value. */
export function parseMoment(text: string): TypedMoment {
  const [, date, time, zone] = FORM.exec(text.trim()) ?? [];
  if (date === undefined || time === undefined) throw notAMoment();
  try {
    if (zone === undefined) return { clock: Temporal.PlainDateTime.from(`${date}T${time}`) };
    return { at: new Date(Temporal.Instant.from(`${date}T${time}${zone}`).epochMilliseconds) };
  } catch {
    throw notAMoment();
  }
}

/**
 * The moment itself. A time that clocks skip in spring is an hour later, one that they repeat in autumn is the first.
 * @param publication whose time zone counts where none was typed
 * @returns `assumed`: a sentence that says so, where it did
 */
export function resolveMoment(
  typed: TypedMoment,
  { name, timezone }: { name: string; timezone: string },
): { at: Date; assumed: string | undefined } {
  if ('at' in typed) return { at: typed.at, assumed: undefined };
  const zone = usableTimeZone(timezone);
  const at = new Date(typed.clock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds);
  return { at, assumed: `--at names no time zone: it is read in that of ${name}, ${zone}.` };
}

function notAMoment(): InvalidArgumentError {
  return new InvalidArgumentError(
    'It is a date and a time of day, like 2026-11-22T07:00, or with a zone 2026-11-22T07:00+03:00 or …Z.',
  );
}
