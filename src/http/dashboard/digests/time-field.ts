import { Temporal } from 'temporal-polyfill';
import { isOver } from '../../../deliveries/plan/operator-digest.js';
import { DAY_MS } from '../../../platform/durations.js';
import { formatDateTime } from '../../../platform/text/format-dates.js';
import { usableTimeZone } from '../../../platform/text/time-zone.js';
import type { Publication } from '../../../publications/publication.js';

/** A field for a date and time of day, in the publication's time zone. `value`: as browsers write it. */
export type TimeField = { value: string; mistake: string | null };

export type TypedTime = { kind: 'moment'; at: Date } | { kind: 'mistake'; mistake: string };

/** The longest that an order may wait. */
const MAX_DAYS_AHEAD = 366;

/** An empty field begins with the next day, at the publication's hour. */
export function proposeTime({ timezone, hour }: Publication, now: Date): TimeField {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(
    usableTimeZone(timezone),
  );
  const value = today
    .toPlainDate()
    .add({ days: 1 })
    .toPlainDateTime({ hour })
    .toString({ smallestUnit: 'minute' });
  return { value, mistake: null };
}

/**
 * Reads the field. A time that clocks skip in spring is an hour later, one that they repeat in autumn is the first.
 * @param typed as the form sent it: anything
 */
export function readTime(typed: unknown, { timezone }: Publication, now: Date): TypedTime {
  const clock = parseClock(typed);
  if (clock === undefined)
    return {
      kind: 'mistake',
      mistake: 'Nothing was changed: choose a date and a time of day, like 2026-12-01T07:00.',
    };
  const zoned = clock.toZonedDateTime(usableTimeZone(timezone), { disambiguation: 'compatible' });
  const at = new Date(zoned.epochMilliseconds);
  const shown = formatDateTime(at, timezone, 'en');
  if (isOver(at, now))
    return {
      kind: 'mistake',
      mistake: `Nothing was changed: ${shown} is over. Choose a later time, or send it now.`,
    };
  if (at.getTime() - now.getTime() > MAX_DAYS_AHEAD * DAY_MS)
    return { kind: 'mistake', mistake: `Nothing was changed: ${shown} is more than a year ahead.` };
  return { kind: 'moment', at };
}

/** The field as it was sent, for a page that shows it again. */
export function typedTime(typed: unknown, mistake: string): TimeField {
  return { value: typeof typed === 'string' ? typed.slice(0, 40) : '', mistake };
}

/** `2026-12-01T07:00`, as browsers send it, also with seconds, or with a blank where somebody typed it. */
function parseClock(typed: unknown): Temporal.PlainDateTime | undefined {
  const [, date, time] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)$/.exec(typeof typed === 'string' ? typed.trim() : '') ??
    [];
  if (date === undefined || time === undefined) return undefined;
  try {
    return Temporal.PlainDateTime.from(`${date}T${time}`, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}
