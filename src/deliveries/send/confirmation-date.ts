import { formatDate } from '../../platform/text/locales.js';
import type { Recipient } from '../../subscribers/reads.js';

const QUARTER_HOUR_MS = 15 * 60_000;
const MAX_CACHED_DATES = 20_000;
const cachedDates = new Map<string, string>();

/**
 * The day she confirmed, in her zone and in words. Kept by quarter of an hour, since working it out costs half of what
 * the rest of her mail does: wherever a new day begins, it begins with one.
 */
export function formatConfirmationDate(
  { confirmedAt, timezone }: Pick<Recipient, 'confirmedAt' | 'timezone'>,
  language: string,
): string {
  const key = `${Math.floor(confirmedAt.getTime() / QUARTER_HOUR_MS)} ${timezone} ${language}`;
  return cachedDates.get(key) ?? cacheDate(key, formatDate(confirmedAt, timezone, language));
}

function cacheDate(key: string, words: string): string {
  if (cachedDates.size >= MAX_CACHED_DATES) cachedDates.clear();
  cachedDates.set(key, words);
  return words;
}
