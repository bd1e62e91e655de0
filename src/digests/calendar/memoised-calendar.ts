import { nextDueAt } from '../../subscribers/due/next-due.js';
import type { CadenceSettings } from '../../subscribers/subscription.js';
import {
  nextDueAfterPeriod,
  periodDue,
  periodOf,
  type DueRhythm,
  type Period,
  type PeriodicCadence,
} from './period.js';

/**
 * Periods and due times at one moment, computed once for all readers who share a rhythm: a computation takes a tenth of
 * a millisecond, and a million readers have a few thousand rhythms between them.
 */
export type Calendar = {
  now: Date;
  today(timezone: string): Period;
  periodDue(cadence: PeriodicCadence, reader: DueRhythm): Period;
  nextDueAt(reader: DueRhythm): Date | null;
  nextDueAfterPeriod(reader: DueRhythm): Date | null;
};

export function createCalendar(now: Date): Calendar {
  const today = memoise((timezone: string) => periodOf('daily', timezone, now));
  const due = memoise((_key, cadence: PeriodicCadence, reader: DueRhythm) => periodDue(cadence, reader, now));
  const next = memoise((_key, reader: DueRhythm) => nextDueAt(reader, now));
  const afterPeriod = memoise((_key, reader: DueRhythm) => nextDueAfterPeriod(reader, now));
  return {
    now,
    today: (timezone) => today(timezone),
    periodDue: (cadence, reader) => due(keyOf(cadence, reader), cadence, reader),
    nextDueAt: (reader) => next(keyOf(reader.cadence, reader), reader),
    nextDueAfterPeriod: (reader) => afterPeriod(keyOf(reader.cadence, reader), reader),
  };
}

/** All that the results depend on; when she was due matters only where a period is longer than a day. */
function keyOf(cadence: CadenceSettings['cadence'], reader: DueRhythm): string {
  const { hour, timezone } = reader;
  if (cadence === 'daily') return `${hour} ${timezone}`;
  return `${cadence} ${hour} ${reader.weekday} ${reader.dayOfMonth} ${reader.nextDueAt?.getTime()} ${timezone}`;
}

/** Limits the memory of a pass over any number of readers. Clearing all is enough: few passes ever reach it. */
const MAX_CACHED_RHYTHMS = 20_000;

function memoise<More extends unknown[], Value>(
  compute: (key: string, ...more: More) => Value,
): (key: string, ...more: More) => Value {
  const known = new Map<string, Value>();
  return (key, ...more) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size === MAX_CACHED_RHYTHMS) known.clear();
    const value = compute(key, ...more);
    known.set(key, value);
    return value;
  };
}
