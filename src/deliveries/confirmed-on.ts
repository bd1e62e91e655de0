import { dayInWords } from '../platform/locales.js';
import type { Recipient } from '../subscribers/reads.js';

const QUARTER_HOUR_MS = 15 * 60_000;
const MOST_KEPT = 20_000;
const known = new Map<string, string>();

/**
 * The day she confirmed, in her zone and in words. Kept by quarter of an hour, since working it out costs half of what
 * the rest of her mail does: wherever a new day begins, it begins with one.
 */
export function confirmedOn(
  { confirmedAt, timezone }: Pick<Recipient, 'confirmedAt' | 'timezone'>,
  language: string,
): string {
  const key = `${Math.floor(confirmedAt.getTime() / QUARTER_HOUR_MS)} ${timezone} ${language}`;
  return known.get(key) ?? remember(key, dayInWords(confirmedAt, timezone, language));
}

function remember(key: string, words: string): string {
  if (known.size >= MOST_KEPT) known.clear();
  known.set(key, words);
  return words;
}
