import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { computeDue } from '../../../src/digests/calendar/due.js';
import { nextDueAfterPeriod, type PeriodicCadence } from '../../../src/digests/calendar/period.js';
import { nextDueAt } from '../../../src/subscribers/due/next-due.js';
import type { CadenceSettings } from '../../../src/subscribers/subscription.js';
import { seed } from '../../support/seed.js';
import {
  findFirstShowing,
  utcOffsetMinutesAt,
  periodNumber,
  wallClock,
  type WallClock,
} from '../../support/wall-clock.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { createSubscription } from '../../support/subscription.js';

const FROM = new Date('2020-01-01T00:00:00Z');
const TO = new Date('2030-12-31T00:00:00Z');
const periodic = ['daily', 'weekly', 'monthly'] as const;
const zones = Intl.supportedValuesOf('timeZone');
const defaultRhythm: CadenceSettings = {
  cadence: 'daily',
  hour: 7,
  weekday: 1,
  dayOfMonth: 1,
  timezone: 'Africa/Nairobi',
};

/** Every change of clocks, in one zone that has it. */
const changes = clockChanges();

/** One digest: when it was due, when it was planned, and its key. */
type Mail = { dueAt: Date; at: Date; period: string };

describe.each(periodic)('%s, while articles flow', (cadence) => {
  test('one digest a period, none skipped, at her own hour, in every zone of the world', () => {
    for (const [index, timezone] of zones.entries()) {
      fc.assert(
        fc.property(rhythmsIn(cadence, timezone), moments(), lags(), (rhythm, start, lag) => {
          expectSteady(rhythm, subscribe(rhythm, start, cadence === 'daily' ? 8 : 5, lag));
        }),
        { numRuns: 1, seed: seed + index },
      );
    }
  });

  test('the same around every change of clocks of ten years', () => {
    const hours = fc.sample(fc.integer({ min: 0, max: 23 }), { numRuns: 1000, seed });
    for (const [index, { timezone, at }] of changes.entries()) {
      const before = wallClock(timezone, new Date(at.getTime() - MINUTE_MS));
      const date = new Date(before.day * DAY_MS);
      const rhythm = {
        cadence,
        timezone,
        // Half of them at the very hour that is left out or comes twice.
        hour: index % 2 === 0 ? (Math.floor(before.minutes / 60) + 1) % 24 : (hours[index % 1000] ?? 0),
        weekday: date.getUTCDay() || 7,
        dayOfMonth: date.getUTCDate(),
      };
      expectSteady(rhythm, subscribe(rhythm, new Date(at.getTime() - 2 * DAY_MS), 3, 0));
    }
  });

  test('two days without a planner: one digest with everything, and then her rhythm again', () => {
    const outages = fc.integer({ min: 1, max: 48 * 60 - 1 });
    fc.assert(
      fc.property(rhythms(cadence), moments(), outages, (rhythm, start, late) => {
        const [before, missed] = subscribe(rhythm, start, 2, 0);
        const back = new Date(required(missed).dueAt.getTime() + late * MINUTE_MS);
        const reader = createSubscription({ ...rhythm, nextDueAt: required(missed).dueAt });
        const { digests, nextDueAt: next } = computeDue(reader, articlesUpTo(9), new Set(), back);
        expect(digests.map(({ articles }) => articles.length)).toEqual([9]);
        expect(digests[0]?.period).not.toBe(before?.period);
        const after = follow(rhythm, required(next), 3, 0);
        expectSteady(rhythm, after);
        expect(after.map(({ period }) => period)).not.toContain(digests[0]?.period);
        expect(after[0]?.dueAt).toEqual(firstAfter(rhythm, back));
      }),
      { numRuns: 150, seed },
    );
  });
});

test('ten whole years in a zone whose clocks change for Ramadan', () => {
  const rhythm: CadenceSettings = { ...defaultRhythm, hour: 2, timezone: 'Africa/Casablanca' };
  const mails = subscribe(rhythm, FROM, 4018, 0);
  expectSteady(rhythm, mails);
  expect(mails.at(-1)?.period).toBe('2030-12-31');
});

describe('a date that a zone left out', () => {
  const mornings = (timezone: string, from: string, change: Partial<CadenceSettings> = {}, count = 3) =>
    subscribe({ ...defaultRhythm, timezone, ...change }, new Date(from), count, 0).map(
      ({ period, at }) => `${period} ${at.toISOString().slice(0, 16)}`,
    );

  test.each<[string, string, string[]]>([
    // West of the date line until the end of 29 December 2011 (UTC-10), east of it from 31 December (UTC+14).
    [
      'Pacific/Apia',
      '2011-12-29T00:00:00Z',
      ['2011-12-29 2011-12-29T17:00', '2011-12-31 2011-12-30T17:00', '2012-01-01 2011-12-31T17:00'],
    ],
    [
      'Pacific/Kwajalein',
      '1993-08-20T12:00:00Z',
      ['1993-08-20 1993-08-20T19:00', '1993-08-22 1993-08-21T19:00', '1993-08-23 1993-08-22T19:00'],
    ],
    [
      'Pacific/Kiritimati',
      '1994-12-30T12:00:00Z',
      ['1994-12-30 1994-12-30T17:00', '1995-01-01 1994-12-31T17:00', '1995-01-02 1995-01-01T17:00'],
    ],
  ])('%s: no digest for it, and none twice', (timezone, from, expected) => {
    expect(mornings(timezone, from)).toEqual(expected);
  });

  test('is made up for the day before by a weekly reader of that weekday, within her week', () => {
    const friday = { cadence: 'weekly', weekday: 5 } as const;
    expect(mornings('Pacific/Apia', '2011-12-26T00:00:00Z', friday, 2)).toEqual([
      '2011-W52 2011-12-29T17:00',
      '2012-W01 2012-01-05T17:00',
    ]);
  });

  test('is made up for the day before by a monthly reader of that day, within her month', () => {
    const last = { cadence: 'monthly', dayOfMonth: 31 } as const;
    expect(mornings('Pacific/Kiritimati', '1994-12-02T00:00:00Z', last, 2)).toEqual([
      '1994-12 1994-12-30T17:00',
      '1995-01 1995-01-30T17:00',
    ]);
  });
});

describe('hours that do not exist or come twice', () => {
  test.each<[string, Partial<CadenceSettings>, string, string]>([
    ['two hours forward at Troll: two hours later', { hour: 1 }, 'Antarctica/Troll', '2026-03-29T01:00'],
    ['so 2 becomes 4 there, not 3', { hour: 2 }, 'Antarctica/Troll', '2026-03-29T02:00'],
    ['an hour forward at midnight', { hour: 0 }, 'Africa/Cairo', '2026-04-23T22:00'],
    ['an hour forward before midnight: the hour before', { hour: 23 }, 'America/Nuuk', '2026-03-29T00:00'],
    ['half an hour forward', { hour: 2 }, 'Australia/Lord_Howe', '2026-10-03T15:30'],
  ])('%s', (_what, change, timezone, due) => {
    const start = new Date(Date.parse(`${due}Z`) - 12 * HOUR_MS);
    expect(
      nextDueAt({ ...defaultRhythm, ...change, timezone }, start)
        ?.toISOString()
        .slice(0, 16),
    ).toBe(due);
  });

  test('a 29 February of 25 hours has one digest at 23:00', () => {
    const rhythm = { ...defaultRhythm, hour: 23, timezone: 'Asia/Almaty' };
    const mails = subscribe(rhythm, new Date('2024-02-28T19:00:00Z'), 2, 0);
    expect(mails.map(({ period, at }) => [period, at.toISOString()])).toEqual([
      ['2024-02-29', '2024-02-29T17:00:00.000Z'],
      ['2024-03-01', '2024-03-01T18:00:00.000Z'],
    ]);
  });
});

describe('an hour that is moved after today’s digest', () => {
  test('later or earlier, in any zone: no second one today, none skipped, at the new hour from tomorrow', () => {
    const newHours = fc.integer({ min: 0, max: 23 });
    const waits = fc.integer({ min: 0, max: 10 * 60 });
    fc.assert(
      fc.property(rhythms('daily'), moments(), newHours, waits, (rhythm, start, hour, wait) => {
        const [today] = subscribe(rhythm, start, 1, 0);
        const { at, period } = required(today);
        const moved = { ...rhythm, hour };
        const movedAt = new Date(at.getTime() + wait * MINUTE_MS);
        fc.pre(wallClock(rhythm.timezone, movedAt).day === wallClock(rhythm.timezone, at).day);
        // If the new hour is still to come she is due again today, but the digest of this date has her already.
        let next = required(nextDueAt(moved, movedAt));
        const [due] = computeDue(
          createSubscription({ ...moved, nextDueAt: next }),
          articlesUpTo(1),
          new Set(),
          next,
        ).digests;
        if (due?.period === period) next = required(nextDueAfterPeriod(moved, next));
        const after = follow(moved, next, 2, 0);
        expectSteady(moved, after);
        const gap = wallClock(rhythm.timezone, next).day - wallClock(rhythm.timezone, at).day;
        expect([rhythm.timezone, gap]).toEqual([rhythm.timezone, 1]);
      }),
      { numRuns: 200, seed },
    );
  });
});

/** She confirms at `start` and gets so many digests, each planned `lag` milliseconds after it was due. */
function subscribe(rhythm: CadenceSettings, start: Date, count: number, lag: number): Mail[] {
  return follow(rhythm, required(nextDueAt(rhythm, start)), count, lag);
}

function follow(rhythm: CadenceSettings, first: Date, count: number, lag: number): Mail[] {
  const mails: Mail[] = [];
  for (let dueAt = first; mails.length < count;) {
    const at = new Date(dueAt.getTime() + lag);
    const due = computeDue(
      createSubscription({ ...rhythm, nextDueAt: dueAt }),
      articlesUpTo(1),
      new Set(),
      at,
    );
    mails.push({ dueAt, at, period: required(due.digests[0]).period });
    dueAt = required(due.nextDueAt);
  }
  return mails;
}

/** Every mail at her hour; every period once, and none left out. */
function expectSteady(rhythm: CadenceSettings, mails: readonly Mail[]): void {
  const label = JSON.stringify(rhythm);
  const days = mails.map(({ dueAt }) => wallClock(rhythm.timezone, dueAt).day);
  const numbers = days.map((day) => periodNumber(rhythm.cadence, day));
  const [first = 0] = numbers;
  expect([label, ...numbers]).toEqual([label, ...numbers.map((_, index) => first + index)]);
  expect([label, new Set(mails.map(({ period }) => period)).size]).toEqual([label, mails.length]);
  for (const { dueAt } of mails) expectDueHour(rhythm, dueAt, label);
}

/** The first time her clock shows her hour that day; where it skips the hour, as much later as it skips. */
function expectDueHour(rhythm: CadenceSettings, dueAt: Date, label: string): void {
  const clock = wallClock(rhythm.timezone, dueAt);
  expect([label, isDueDay(rhythm, clock)]).toEqual([label, true]);
  const shown = findFirstShowing(rhythm.timezone, { day: clock.day, minutes: rhythm.hour * 60 });
  if (shown !== undefined) return expect([label, dueAt]).toEqual([label, shown]);
  const away = clock.minutes - rhythm.hour * 60;
  const yesterday = utcOffsetMinutesAt(rhythm.timezone, new Date(dueAt.getTime() - 12 * HOUR_MS));
  const tomorrow = utcOffsetMinutesAt(rhythm.timezone, new Date(dueAt.getTime() + 12 * HOUR_MS));
  // Later by the skipped time, unless that would be tomorrow.
  const late = rhythm.hour * 60 + tomorrow - yesterday < 1440;
  return expect([label, away]).toEqual([label, late ? tomorrow - yesterday : yesterday - tomorrow]);
}

function isDueDay({ cadence, weekday, dayOfMonth }: CadenceSettings, { day }: WallClock): boolean {
  const date = new Date(day * DAY_MS);
  if (cadence === 'weekly') return (date.getUTCDay() || 7) === weekday;
  if (cadence !== 'monthly') return true;
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() === Math.min(dayOfMonth, last);
}

/** After a pause: the very next time she is due, but never twice on one local date. */
function firstAfter(rhythm: CadenceSettings, at: Date): Date {
  const today = wallClock(rhythm.timezone, at).day;
  let due = required(nextDueAt(rhythm, at));
  while (rhythm.cadence === 'daily' && wallClock(rhythm.timezone, due).day === today)
    due = required(nextDueAt(rhythm, due));
  return due;
}

function clockChanges(): { timezone: string; at: Date }[] {
  const found = new Map<string, { timezone: string; at: Date }>();
  for (const timezone of zones) {
    for (const at of changesIn(timezone)) {
      const key = `${at.getTime()} ${utcOffsetMinutesAt(timezone, at)}`;
      if (!found.has(key)) found.set(key, { timezone, at });
    }
  }
  return [...found.values()];
}

/** Looks every 12 days (Ramadan's change lasts 4 weeks), then halves. */
function changesIn(timezone: string): Date[] {
  const changes: Date[] = [];
  let offset = utcOffsetMinutesAt(timezone, FROM);
  for (let from = FROM.getTime(); from < TO.getTime(); from += 12 * DAY_MS) {
    const then = utcOffsetMinutesAt(timezone, new Date(from + 12 * DAY_MS));
    if (then !== offset) changes.push(bisectChange(timezone, from, from + 12 * DAY_MS, offset));
    offset = then;
  }
  return changes;
}

function bisectChange(timezone: string, before: number, after: number, offset: number): Date {
  let [low, high] = [before / MINUTE_MS, after / MINUTE_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (utcOffsetMinutesAt(timezone, new Date(middle * MINUTE_MS)) === offset) low = middle;
    else high = middle;
  }
  return new Date(high * MINUTE_MS);
}

function rhythms(cadence: PeriodicCadence): fc.Arbitrary<CadenceSettings> {
  return fc.constantFrom(...zones).chain((timezone) => rhythmsIn(cadence, timezone));
}

function rhythmsIn(cadence: PeriodicCadence, timezone: string): fc.Arbitrary<CadenceSettings> {
  return fc.record({
    cadence: fc.constant(cadence),
    hour: fc.integer({ min: 0, max: 23 }),
    weekday: fc.integer({ min: 1, max: 7 }),
    dayOfMonth: fc.integer({ min: 1, max: 31 }),
    timezone: fc.constant(timezone),
  });
}

function moments(): fc.Arbitrary<Date> {
  return fc.date({ min: FROM, max: TO, noInvalidDate: true });
}

/** Planning runs once a minute, and may be some minutes late. */
function lags(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 20 * MINUTE_MS });
}

function articlesUpTo(seq: number) {
  return Array.from({ length: seq }, (_, at) => ({ id: `article-${at + 1}`, seq: at + 1, categories: [] }));
}

function required<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('There must be one');
  return value;
}
