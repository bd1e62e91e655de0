import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { createCalendar } from '../../../src/digests/calendar/memoised-calendar.js';
import { formatDateTime } from '../../../src/platform/text/format-dates.js';
import { canonicalTimeZone, usableTimeZone } from '../../../src/platform/text/time-zone.js';
import { pauseDateRange, pauseEndsAt } from '../../../src/subscribers/preferences/pause-end.js';
import { TIME_ZONE_ALIASES, REFUSED_ALIASES } from '../../support/time-zone-aliases.js';

const names = [...new Set([...Intl.supportedValuesOf('timeZone'), ...TIME_ZONE_ALIASES, ...REFUSED_ALIASES])];
/** Names that the tz database no longer has: Node's own Temporal (26) refuses them, and what came before it takes them. */
const DROPPED = /^(SystemV\/.*|US\/Pacific-New|Canada\/East-Saskatchewan)$/;
const NOW = new Date('2026-11-22T12:00:00Z');
const reader = { cadence: 'daily', hour: 7, weekday: 1, dayOfMonth: 31 } as const;

test('every name that the runtime takes is a time zone exactly when dates can be computed in it', () => {
  expect(names.length).toBeGreaterThan(500);
  const wrong = names.filter((name) => (canonicalTimeZone(name) !== undefined) !== isTakenByTemporal(name));
  expect(wrong).toEqual([]);
  const refused = names.filter((name) => !isTakenByTemporal(name) && !DROPPED.test(name));
  expect(refused.toSorted()).toEqual(REFUSED_ALIASES.toSorted());
});

test('every time zone has one name, which is one itself and has the same clock at all times', () => {
  const moments = ['1990-01-15', '2026-01-15', '2026-07-15', '2030-10-01'].map((day) =>
    Temporal.Instant.from(`${day}T12:00:00Z`),
  );
  for (const name of names) {
    const canonical = canonicalTimeZone(name);
    if (canonical === undefined) continue;
    expect(canonicalTimeZone(canonical)).toBe(canonical);
    const clocks = (zone: string) => moments.map((at) => at.toZonedDateTimeISO(zone).offset);
    expect([name, clocks(canonical)]).toEqual([name, clocks(name)]);
  }
});

test('whatever zone is stored, readers are planned, paused and told dates', () => {
  for (const timezone of [...names, 'Mars/Base', '', '+03:00', 'America/New_Town']) {
    const calendar = createCalendar(NOW);
    expect(calendar.today(timezone).key).toMatch(/^2026-11-2[23]$/);
    for (const cadence of ['daily', 'weekly', 'monthly'] as const) {
      const rhythm = { ...reader, cadence, timezone };
      expect(calendar.nextDueAt(rhythm)?.getTime()).toBeGreaterThan(NOW.getTime());
      expect(calendar.nextDueAfterPeriod(rhythm)?.getTime()).toBeGreaterThan(NOW.getTime());
      expect(calendar.periodDue(cadence, rhythm).key).toMatch(/^2026-/);
    }
    expect(pauseEndsAt('week', '', timezone, NOW)?.getTime()).toBeGreaterThan(NOW.getTime());
    expect(pauseDateRange(timezone, NOW).min).toMatch(/^2026-11-2[34]$/);
    for (const locale of ['en', 'sw', 'ar']) expect(formatDateTime(NOW, timezone, locale)).toMatch(/\(.+\)$/);
  }
});

test('a name in any letters is the same zone, and three letters of ICU are none in any', () => {
  const inAnyLetters = fc.constantFrom(...names).chain((name) =>
    fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((capitals) => ({
      name,
      spelled: Array.from(name)
        .map((letter, at) => (capitals[at] ? letter.toUpperCase() : letter.toLowerCase()))
        .join(''),
    })),
  );
  fc.assert(
    fc.property(inAnyLetters, ({ name, spelled }) =>
      expect([spelled, canonicalTimeZone(spelled)]).toEqual([spelled, canonicalTimeZone(name)]),
    ),
  );
});

test('any other text is no time zone and does no harm', () => {
  const texts = [
    '',
    ' ',
    'UTC ',
    'UTC\u0000',
    '+03:00',
    '-05',
    'Z',
    'A',
    'constructor',
    'Mars/Base',
    'UTC'.repeat(200),
  ];
  for (const text of texts) expect([text, canonicalTimeZone(text)]).toEqual([text, undefined]);
  fc.assert(fc.property(fc.string(), (text) => typeof usableTimeZone(text) === 'string'));
  expect(usableTimeZone('Mars/Base')).toBe('UTC');
});

test('thousands of spellings of one zone take no more memory than one', () => {
  const spell = (number: number) =>
    Array.from('america/argentina/buenos_aires')
      .map((letter, at) => ((number >> (at % 13)) & 1 ? letter.toUpperCase() : letter))
      .join('');
  const format = (number: number) => formatDateTime(NOW, spell(number), 'en');
  const words = format(0);
  const before = process.memoryUsage().rss;
  // Without a limit each takes about 90 kB.
  for (let number = 1; number < 6000; number += 1) expect(format(number)).toBe(words);
  expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
});

function isTakenByTemporal(name: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).epochMilliseconds === 0;
  } catch {
    return false;
  }
}
