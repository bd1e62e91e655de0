import { nearMomentInWords } from '../platform/locales.js';
import type { Templates } from '../platform/templates.js';
import type { Subscription } from '../subscribers/subscription.js';

/** When her next digest comes, as words that follow "Your first email comes"; the zone is named. */
export function nextDigest(
  { t, resolve }: Pick<Templates, 't' | 'resolve'>,
  { nextDueAt, timezone, locale }: Pick<Subscription, 'nextDueAt' | 'timezone' | 'locale'>,
): string {
  if (nextDueAt === null) return t(locale, 'next.instant');
  const at = nearMomentInWords(nextDueAt, timezone, resolve(locale));
  return t(locale, 'next.at', { at });
}
