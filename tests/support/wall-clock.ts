import type { CadenceSettings } from '../../src/subscribers/subscription.js';
import { DAY_MS, MINUTE_MS } from '../../src/platform/durations.js';

/** What a clock on the wall shows: days since 1970 and minutes since midnight. */
export type WallClock = { day: number; minutes: number };

const formats = new Map<string, Intl.DateTimeFormat>();

/** By Intl: the same time zone data as in src, but other arithmetic. */
export function wallClock(timeZone: string, at: Date): WallClock {
  const known = formats.get(timeZone);
  const options = { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' } as const;
  const format = known ?? new Intl.DateTimeFormat('sv-SE', options);
  formats.set(timeZone, format);
  const [date = '', time = ''] = format.format(at).split(' ');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { day: Date.parse(date) / DAY_MS, minutes: hours * 60 + minutes };
}

/** Minutes that a zone is ahead of UTC. */
export function utcOffsetMinutesAt(timeZone: string, at: Date): number {
  const { day, minutes } = wallClock(timeZone, at);
  return day * 1440 + minutes - Math.floor(at.getTime() / MINUTE_MS);
}

/** The number of the reader's day, ISO week or month; each is one more than the one before. */
export function periodNumber(cadence: CadenceSettings['cadence'], day: number): number {
  if (cadence === 'weekly') return Math.floor((day + 3) / 7); // 1 January 1970 was a Thursday
  if (cadence !== 'monthly') return day;
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first moment of a local day at which clocks show these minutes; undefined when they skip them. */
export function findFirstShowing(timeZone: string, { day, minutes }: WallClock): Date | undefined {
  const noon = new Date((day + 0.5) * DAY_MS);
  const offsets = [-DAY_MS, 0, DAY_MS].map((away) =>
    utcOffsetMinutesAt(timeZone, new Date(noon.getTime() + away)),
  );
  const moments = offsets
    .map((offset) => new Date((day * 1440 + minutes - offset) * MINUTE_MS))
    .filter((at) => {
      const clock = wallClock(timeZone, at);
      return clock.day === day && clock.minutes === minutes;
    });
  return moments.toSorted((a, b) => a.getTime() - b.getTime())[0];
}
