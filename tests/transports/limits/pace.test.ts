import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findOpening, messageIntervalMs, reservedUntil } from '../../../src/transports/limits/pace.js';
import { MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';

const start = new Date('2026-11-22T10:20:30.400Z').getTime();
const at = (ms: number) => new Date(start + ms);

test('messages are spaced by the stricter of the two rates', () => {
  expect(messageIntervalMs({ hour: 3, day: 5 })).toBe(0);
  expect(messageIntervalMs({ second: 10 })).toBeCloseTo(100 / 0.97);
  expect(messageIntervalMs({ second: 10, minute: 60 })).toBeCloseTo(1_000 / 0.97);
});

test('a chunk is reserved a second ahead, and no earlier', () => {
  expect(findOpening(100, null, at(0))).toEqual({ kind: 'open', startsAt: at(0), limit: 100 });
  expect(findOpening(100, at(-50), at(0))).toMatchObject({ startsAt: at(0) });
  expect(findOpening(100, at(900), at(0))).toMatchObject({ startsAt: at(900) });
  expect(findOpening(100, at(5_000), at(0))).toEqual({ kind: 'none', until: at(4_000) });
  expect(findOpening(62_000, null, at(0))).toMatchObject({ limit: 1 });
});

test('what a clock a year ahead has reserved keeps nobody waiting', () => {
  expect(findOpening(100, at(365 * 24 * 60 * MINUTE_MS), at(0))).toMatchObject({
    kind: 'open',
    startsAt: at(0),
  });
});

/** As workers do: reserve, wait for the first turn, send at each turn, be busy for a while, reserve again. */
function simulate(rates: { second?: number; minute?: number }, pauses: readonly number[], until: number) {
  const intervalMs = messageIntervalMs(rates);
  const sentAt: number[] = [];
  let now = 0;
  let reserved: Date | null = null;
  for (let turn = 0; now < until; turn += 1) {
    const opening = findOpening(intervalMs, reserved, at(now));
    if (opening.kind === 'none') {
      now = opening.until.getTime() - start;
      continue;
    }
    const pace = { startsAt: opening.startsAt, intervalMs };
    reserved = reservedUntil(pace, opening.limit);
    const first = opening.startsAt.getTime() - start;
    for (let message = 0; message < opening.limit; message += 1) sentAt.push(first + message * intervalMs);
    now = sentAt.at(-1) ?? 0;
    now += pauses[turn % pauses.length] ?? 0;
  }
  return sentAt.filter((time) => time < until);
}

function mostAndFewestIn(span: number, sentAt: readonly number[], until: number) {
  let [most, fewest] = [0, Infinity];
  for (let from = 0; from + span <= until; from += span / 40) {
    const count = sentAt.filter((time) => time >= from && time < from + span).length;
    most = Math.max(most, count);
    fewest = Math.min(fewest, count);
  }
  return { most, fewest };
}

test('property: with mail waiting, any minute holds nine tenths of the rate or more, and no second or minute more than all of it', () => {
  const rate = fc.oneof(
    fc.record({ second: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ minute: fc.integer({ min: 1, max: 900 }) }),
  );
  fc.assert(
    fc.property(
      rate,
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 9 }),
      (rates, pauses) => {
        const until = 4 * MINUTE_MS;
        const sentAt = simulate(rates, pauses, until);
        const perMinute = 'second' in rates ? rates.second * 60 : rates.minute;
        const minutes = mostAndFewestIn(MINUTE_MS, sentAt, until);
        expect(minutes.most).toBeLessThanOrEqual(perMinute);
        // One message is a tenth and more of a small rate.
        expect(minutes.fewest).toBeGreaterThanOrEqual(Math.min(perMinute - 1, 0.9 * perMinute));
        if ('second' in rates)
          expect(mostAndFewestIn(SECOND_MS, sentAt, until).most).toBeLessThanOrEqual(rates.second);
      },
    ),
    { numRuns: 60 },
  );
});
