import { LRUCache } from 'lru-cache';
import { MINUTE_MS } from '../../platform/durations.js';
import { formatDate } from '../../platform/text/format-dates.js';
import type { Recipient } from '../../subscribers/reads.js';

const QUARTER_HOUR_MS = 15 * MINUTE_MS;
const cachedDates = new LRUCache<string, string>({ max: 20_000 });

/**
 * The day she confirmed, in her zone and in words. Cached by quarter of an hour, because formatting it costs half of what
 * the rest of her mail does: every time zone is a multiple of a quarter of an hour away from UTC.
 */
export function formatConfirmationDate(
  { confirmedAt, timezone }: Pick<Recipient, 'confirmedAt' | 'timezone'>,
  language: string,
): string {
  const key = `${Math.floor(confirmedAt.getTime() / QUARTER_HOUR_MS)} ${timezone} ${language}`;
  const cached = cachedDates.get(key);
  if (cached !== undefined) return cached;
  const words = formatDate(confirmedAt, timezone, language);
  cachedDates.set(key, words);
  return words;
}
