import { Temporal } from 'temporal-polyfill';
import { readCountsBetween } from '../../platform/counts/counts.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import type { Publication } from '../../publications/publication.js';
import type { SubscriptionStatus } from '../subscription.js';

/** One day of the publication's calendar, as 2026-11-22. */
export type ReaderDay = { date: string; joined: number; left: number };

/** Kept for each quarter of an hour, by the state before and after. */
export const READER_CHANGES = 'reader-changes';

/**
 * How many readers joined and left on each of the last days, today the last. Who paused has not left; who takes back that she
 * left has not left on that day.
 */
export async function readReaderDays(
  db: Db | Tx,
  { id, timezone }: Pick<Publication, 'id' | 'timezone'>,
  days: number,
  now: Date,
): Promise<ReaderDay[]> {
  const dates = datesUntil(today(timezone, now), days);
  const bounds = [...dates, today(timezone, now).add({ days: 1 })].map((date) => beginningOf(date, timezone));
  const result = dates.map((date) => ({ date: date.toString(), joined: 0, left: 0 }));
  for (const { span, key, count } of await readCountsBetween(
    db,
    { name: READER_CHANGES, ownerId: id },
    bounds,
  )) {
    const day = result[span];
    const [was, is] = key.map(isReading);
    if (day !== undefined && is === true && was === false) day.joined += count;
    if (day !== undefined && is === false && was === true) day.left += count;
  }
  return result;
}

/** Of an hour: what is kept of a number's changes. */
const QUARTER_MS = 15 * MINUTE_MS;

/** By how much the number of readers in each state has changed since a quarter of an hour began; an erased reader is in none. */
export async function readReaderChange(
  db: Db | Tx,
  publicationId: string,
  { since, now }: { since: Date; now: Date },
): Promise<Record<SubscriptionStatus, number>> {
  const change = { pending: 0, added: 0, confirmed: 0, paused: 0, unsubscribed: 0 };
  const add = (status: string | undefined, count: number) => {
    if (status !== undefined && Object.hasOwn(change, status)) change[status as SubscriptionStatus] += count;
  };
  const from = new Date(Math.floor(since.getTime() / QUARTER_MS) * QUARTER_MS);
  const bounds = [from, new Date(now.getTime() + DAY_MS)];
  for (const { key, count } of await readCountsBetween(
    db,
    { name: READER_CHANGES, ownerId: publicationId },
    bounds,
  )) {
    add(key[0], -count);
    add(key[1], count);
  }
  return change;
}

function isReading(status: string): boolean {
  return status === 'confirmed' || status === 'paused';
}

function today(timezone: string, now: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(usableTimeZone(timezone))
    .toPlainDate();
}

function datesUntil(last: Temporal.PlainDate, days: number): Temporal.PlainDate[] {
  return Array.from({ length: days }, (_, at) => last.subtract({ days: days - 1 - at }));
}

/** Where clocks go forward at midnight, a day begins an hour later. */
function beginningOf(date: Temporal.PlainDate, timezone: string): Date {
  return new Date(date.toZonedDateTime(usableTimeZone(timezone)).epochMilliseconds);
}
