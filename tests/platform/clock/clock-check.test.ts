import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClockCheck } from '../../../src/platform/clock/clock-check.js';
import { listClockDifferences } from '../../../src/platform/clock/clock-differences.js';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { createMemoryLog } from '../../workers/test-worker.js';

let database: TestDatabase;
let aheadMs = 0;
const now = () => new Date(Date.now() + aheadMs);

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => void (aheadMs = 0));
afterAll(() => database.close());

function openCheck() {
  const { log, lines } = createMemoryLog();
  return { check: createClockCheck({ db: database.db, log, now }), lines };
}

test('a clock that agrees with Postgres’ is trusted, and nothing is said', async () => {
  const { check, lines } = openCheck();
  expect(check.isTrusted()).toBe(true);
  for (const seconds of [0, 90, -90]) {
    aheadMs = seconds * SECOND_MS;
    await check.compare();
    expect([seconds, check.isTrusted()]).toEqual([seconds, true]);
  }
  expect([lines, await listClockDifferences(database.db)]).toEqual([[], []]);
});

test.each([365 * DAY_MS, 5 * MINUTE_MS, -5 * MINUTE_MS, -365 * DAY_MS])(
  'a clock that is off by %d ms is not trusted until it agrees again',
  async (off) => {
    const { check, lines } = openCheck();
    aheadMs = off;
    await check.compare();
    await check.compare();
    expect(check.isTrusted()).toBe(false);
    expect(lines).toMatchObject([{ event: 'clock.disagrees', level: 'warn' }]);
    const [difference, ...others] = await listClockDifferences(database.db);
    expect(others).toEqual([]);
    expect(Math.abs(Number(difference?.aheadMs) - off)).toBeLessThan(10 * SECOND_MS);
    aheadMs = 0;
    await check.compare();
    expect(check.isTrusted()).toBe(true);
    expect(lines.map(({ event }) => event)).toEqual(['clock.disagrees', 'clock.agrees']);
    expect(await listClockDifferences(database.db)).toEqual([]);
  },
);

test('a clock that jumps between two comparisons is noticed at once', async () => {
  const { check } = openCheck();
  await check.compare();
  aheadMs = 365 * DAY_MS;
  expect(check.isTrusted()).toBe(false);
  aheadMs = 0;
  expect(check.isTrusted()).toBe(true);
});

test('while it is not trusted, what is mailed all the same is dated by Postgres', async () => {
  const { check } = openCheck();
  const isNearly = (time: Date, expected: number) => Math.abs(time.getTime() - expected) < 10 * SECOND_MS;
  aheadMs = -365 * DAY_MS;
  expect(isNearly(check.commonNow(), Date.now() + aheadMs)).toBe(true);
  aheadMs = 90 * SECOND_MS;
  await check.compare();
  expect(isNearly(check.commonNow(), Date.now() + aheadMs)).toBe(true);
  for (const off of [-365 * DAY_MS, 365 * DAY_MS]) {
    aheadMs = off;
    expect([off, isNearly(check.commonNow(), Date.now())]).toEqual([off, true]);
  }
});

test('what a process that has ended said of its clock is forgotten', async () => {
  await database.db.run(sql`
    insert into clock_differences (owner, ahead_ms, found_at, seen_at)
    values ('gone 1', 600000, now() - interval '1 day', now() - interval '6 minutes')
  `);
  expect(await listClockDifferences(database.db)).toEqual([]);
});
