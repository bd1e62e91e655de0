import type { Context } from '../platform/context.js';
import { nearMomentInWords } from '../platform/locales.js';
import type { Subscription } from '../subscribers/subscription.js';

/** When her next digest comes, as words that follow "Your first email comes"; the zone is named. */
export function nextDigest(
  { templates: { t, resolve }, now }: Pick<Context, 'templates' | 'now'>,
  { nextDueAt, timezone, locale }: Pick<Subscription, 'nextDueAt' | 'timezone' | 'locale'>,
): string {
  if (nextDueAt === null) return t(locale, 'next.instant');
  if (nextDueAt <= now()) return t(locale, 'next.soon');
  const at = nearMomentInWords(nextDueAt, timezone, resolve(locale));
  return t(locale, 'next.at', { at });
}
