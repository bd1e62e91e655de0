import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { nextDueAfterPeriod, periodOf, type PeriodicCadence } from '../../../src/digests/calendar/period.js';
import { nextDueAt } from '../../../src/subscribers/due/next-due.js';
import type { CadenceSettings } from '../../../src/subscribers/subscription.js';
import { DAY_MS } from '../../../src/platform/durations.js';

const QUARTER_MS = 15 * 60_000;

const zones = Intl.supportedValuesOf('timeZone');
const defaultRhythm: CadenceSettings = {
  cadence: 'daily',
  hour: 7,
  weekday: 1,
  dayOfMonth: 1,
  timezone: 'Europe/Berlin',
};
const dueAfter = (change: Partial<CadenceSettings>, after: string) =>
  nextDueAt({ ...defaultRhythm, ...change }, new Date(after))?.toISOString();

describe('when a reader is due next', () => {
  test.each<[string, Partial<CadenceSettings>, string, string]>([
    ['later today', {}, '2026-11-22T05:59:59Z', '2026-11-22T06:00:00.000Z'],
    ['tomorrow, when it is her hour now', {}, '2026-11-22T06:00:00Z', '2026-11-23T06:00:00.000Z'],
    ['by her own clock', { timezone: 'Asia/Kathmandu' }, '2026-11-22T02:00:00Z', '2026-11-23T01:15:00.000Z'],
    ['on her weekday', { cadence: 'weekly', weekday: 7 }, '2026-11-22T07:00:00Z', '2026-11-29T06:00:00.000Z'],
    [
      'on the last day of a month without hers',
      { cadence: 'monthly', dayOfMonth: 31 },
      '2027-02-01T00:00:00Z',
      '2027-02-28T06:00:00.000Z',
    ],
    [
      'on her own day again in the month after',
      { cadence: 'monthly', dayOfMonth: 31 },
      '2027-02-28T06:00:00Z',
      '2027-03-31T05:00:00.000Z',
    ],
    [
      'later, when spring leaves her hour out',
      { hour: 2 },
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    ['at her hour again the day after', { hour: 2 }, '2026-03-29T01:00:00Z', '2026-03-30T00:00:00.000Z'],
    [
      'the first time, when autumn has it twice',
      { hour: 2 },
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:00:00.000Z',
    ],
    ['once, when autumn has it twice', { hour: 2 }, '2026-10-25T00:00:00Z', '2026-10-26T01:00:00.000Z'],
    [
      'on the same day, when spring leaves its last hour out',
      { hour: 23, timezone: 'America/Nuuk' },
      '2026-03-28T12:00:00Z',
      '2026-03-29T00:00:00.000Z',
    ],
    [
      'half an hour later where clocks move by half an hour',
      { hour: 2, timezone: 'Australia/Lord_Howe' },
      '2026-10-03T12:00:00Z',
      '2026-10-03T15:30:00.000Z',
    ],
    [
      'on the next day there was, when an island left one out',
      { timezone: 'Pacific/Apia' },
      '2011-12-29T17:00:00Z',
      '2011-12-30T17:00:00.000Z',
    ],
  ])('%s', (_when, change, after, due) => {
    expect(dueAfter(change, after)).toBe(due);
  });

  test('instant readers are due with each article, at no time of their own', () => {
    expect(dueAfter({ cadence: 'instant' }, '2026-11-22T05:00:00Z')).toBeUndefined();
  });

  test('in every zone, the first moment after now that her wall clock shows her hour on her day', () => {
    fc.assert(
      fc.property(rhythms(), moments(), (rhythm, now) => {
        const due = required(nextDueAt(rhythm, now));
        expect(due.getTime()).toBeGreaterThan(now.getTime());
        const { date, minutes } = wallClock(rhythm.timezone, due);
        expect(isDueDay(rhythm, date)).toBe(true);
        if (minutes !== rhythm.hour * 60) expectSkippedHour(rhythm, date);
        const earlier = quartersBetween(now, due).filter((at) => isDueMoment(rhythm, at));
        expect(earlier.map((at) => at.toISOString())).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('around every change of clocks of every zone, each local day has one due moment', () => {
    for (const [timezone, change] of clockChanges('2026-01-01', '2028-01-01')) {
      for (let hour = 0; hour < 24; hour += 1) {
        const rhythm: CadenceSettings = { ...defaultRhythm, hour, timezone };
        const days = dueDays(rhythm, new Date(change.getTime() - 2 * DAY_MS), 4);
        expect([timezone, hour, ...days]).toEqual([timezone, hour, ...consecutive(required(days[0]), 4)]);
      }
    }
  });
});

describe('the next free period', () => {
  test('in every zone and rhythm it is the very next one: none is skipped, none comes twice', () => {
    fc.assert(
      fc.property(rhythms(), moments(), ({ cadence, ...rest }, start) => {
        if (cadence === 'instant') return;
        for (let now = start, round = 0; round < 4; round += 1) {
          const due = required(nextDueAfterPeriod({ cadence, ...rest }, now));
          expect(due.getTime()).toBeGreaterThan(now.getTime());
          const expected = followingPeriod(cadence, periodOf(cadence, rest.timezone, now).closesAt);
          expect([rest.timezone, periodOf(cadence, rest.timezone, due).key]).toEqual([
            rest.timezone,
            expected,
          ]);
          now = due;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a reader who had this week on Monday and moved to Friday is due on Friday of the next', () => {
    const friday: CadenceSettings = { ...defaultRhythm, cadence: 'weekly', weekday: 5 };
    expect(nextDueAfterPeriod(friday, new Date('2026-11-16T06:00:00Z'))).toEqual(
      new Date('2026-11-27T06:00:00Z'),
    );
  });

  test('an instant reader has no periods', () => {
    expect(nextDueAfterPeriod({ ...defaultRhythm, cadence: 'instant' }, new Date())).toBeNull();
  });
});

function rhythms(): fc.Arbitrary<CadenceSettings> {
  return fc.record({
    cadence: fc.constantFrom('daily', 'weekly', 'monthly'),
    hour: fc.integer({ min: 0, max: 23 }),
    weekday: fc.integer({ min: 1, max: 7 }),
    dayOfMonth: fc.integer({ min: 1, max: 31 }),
    timezone: fc.constantFrom(...zones),
  });
}

function moments(): fc.Arbitrary<Date> {
  return fc.date({
    min: new Date('2025-01-01T00:00:00Z'),
    max: new Date('2036-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
}

function required<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('There must be one');
  return value;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the wall clock shows, by Intl: the same time zone data, but other arithmetic than what is tested. */
function wallClock(timeZone: string, at: Date): { date: string; minutes: number } {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', options);
  formats.set(timeZone, format);
  const [date = '', time = ''] = format.format(at).split(' ');
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { date, minutes: hours * 60 + minutes };
}

function isDueDay({ cadence, weekday, dayOfMonth }: CadenceSettings, date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  if (cadence === 'weekly') return (day.getUTCDay() || 7) === weekday;
  if (cadence !== 'monthly') return true;
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  return day.getUTCDate() === Math.min(dayOfMonth, last);
}

/** Her hour on her day, and not the second time that autumn shows it. */
function isDueMoment(rhythm: CadenceSettings, at: Date): boolean {
  const { date, minutes } = wallClock(rhythm.timezone, at);
  if (minutes !== rhythm.hour * 60 || !isDueDay(rhythm, date)) return false;
  const before = [2, 4, 8].map((quarters) =>
    wallClock(rhythm.timezone, new Date(at.getTime() - quarters * QUARTER_MS)),
  );
  return before.every((earlier) => earlier.minutes !== minutes || earlier.date !== date);
}

/** Every zone's offset is a whole number of quarters, so hours fall on quarters. */
function quartersBetween(after: Date, before: Date): Date[] {
  const quarters: Date[] = [];
  const first = Math.floor(after.getTime() / QUARTER_MS) + 1;
  for (let at = first * QUARTER_MS; at < before.getTime(); at += QUARTER_MS) quarters.push(new Date(at));
  return quarters;
}

/** Another hour is right only where her clock did not show her hour on that date. */
function expectSkippedHour(rhythm: CadenceSettings, date: string): void {
  const noon = new Date(`${date}T12:00:00Z`).getTime();
  const around = quartersBetween(new Date(noon - 2 * DAY_MS), new Date(noon + 2 * DAY_MS));
  const shown = around.map((at) => wallClock(rhythm.timezone, at));
  const hers = shown.filter((clock) => clock.date === date && clock.minutes === rhythm.hour * 60);
  expect([rhythm.timezone, date, hers]).toEqual([rhythm.timezone, date, []]);
}

/** One zone for each way that clocks change; most zones share theirs with a dozen others. */
function clockChanges(from: string, to: string): [timezone: string, at: Date][] {
  const found = new Map<string, [string, Date]>();
  for (const timezone of zones) {
    let at = Temporal.PlainDate.from(from).toZonedDateTime(timezone).getTimeZoneTransition('next');
    while (at !== null && at.toPlainDate().toString() < to) {
      found.set(`${at.epochMilliseconds} ${at.offset}`, [timezone, new Date(at.epochMilliseconds)]);
      at = at.getTimeZoneTransition('next');
    }
  }
  return [...found.values()];
}

/** The local dates of the next moments she is due. */
function dueDays(rhythm: CadenceSettings, after: Date, count: number): string[] {
  const days: string[] = [];
  for (let due = after; days.length < count;) {
    due = required(nextDueAt(rhythm, due));
    days.push(wallClock(rhythm.timezone, due).date);
  }
  return days;
}

function consecutive(first: string, count: number): string[] {
  const start = new Date(`${first}T00:00:00Z`).getTime();
  return Array.from({ length: count }, (_, day) => new Date(start + day * DAY_MS).toISOString().slice(0, 10));
}

/** A period ends when its last day has ended in the last zone; there, that very moment is the next one's first. */
function followingPeriod(cadence: PeriodicCadence, closesAt: Date): string {
  return periodOf(cadence, 'Etc/GMT+12', closesAt).key;
}
