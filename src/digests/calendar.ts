import { nextDueAt } from '../subscribers/rhythm.js';
import type { Rhythm } from '../subscribers/subscription.js';
import { nextFreePeriod, periodDue, periodOf, type Period, type PeriodicCadence } from './period.js';

type Due = Rhythm & { nextDueAt?: Date | null };

/**
 * What the rules of periods say at one moment, worked out once for all readers who share a rhythm: a time zone costs
 * a tenth of a millisecond, and a million readers have a few thousand rhythms between them.
 */
export type Calendar = {
  now: Date;
  today(timezone: string): Period;
  periodDue(cadence: PeriodicCadence, reader: Due): Period;
  nextDueAt(reader: Due): Date | null;
  nextFreePeriod(reader: Due): Date | null;
};

export function calendarAt(now: Date): Calendar {
  const today = remembered((timezone: string) => periodOf('daily', timezone, now));
  const due = remembered((_key, cadence: PeriodicCadence, reader: Due) => periodDue(cadence, reader, now));
  const next = remembered((_key, reader: Due) => nextDueAt(reader, now));
  const free = remembered((_key, reader: Due) => nextFreePeriod(reader, now));
  return {
    now,
    today: (timezone) => today(timezone),
    periodDue: (cadence, reader) => due(keyOf(cadence, reader), cadence, reader),
    nextDueAt: (reader) => next(keyOf(reader.cadence, reader), reader),
    nextFreePeriod: (reader) => free(keyOf(reader.cadence, reader), reader),
  };
}

/** Everything that decides; when she was due matters only where a period is longer than a day. */
function keyOf(cadence: Rhythm['cadence'], reader: Due): string {
  const { hour, timezone } = reader;
  if (cadence === 'daily') return `${hour} ${timezone}`;
  return `${cadence} ${hour} ${reader.weekday} ${reader.dayOfMonth} ${reader.nextDueAt?.getTime()} ${timezone}`;
}

/** More rhythms than this are not kept: a pass over any number of readers needs no more memory. */
const MOST_KEPT = 20_000;

function remembered<More extends unknown[], Value>(
  workOut: (key: string, ...more: More) => Value,
): (key: string, ...more: More) => Value {
  const known = new Map<string, Value>();
  return (key, ...more) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size === MOST_KEPT) known.clear();
    const value = workOut(key, ...more);
    known.set(key, value);
    return value;
  };
}
