import type { Context } from '../../platform/context.js';
import { formatWeekdayTime } from '../../platform/text/format-dates.js';
import type { Subscription } from '../../subscribers/subscription.js';

/** When her next digest comes, as words that follow "Your first email comes"; the zone is named. */
export function describeNextDigest(
  { templates: { t, resolveLocale }, now }: Pick<Context, 'templates' | 'now'>,
  { nextDueAt, timezone, locale }: Pick<Subscription, 'nextDueAt' | 'timezone' | 'locale'>,
): string {
  if (nextDueAt === null) return t(locale, 'nextDigest.instant');
  if (nextDueAt <= now()) return t(locale, 'nextDigest.soon');
  const at = formatWeekdayTime(nextDueAt, timezone, resolveLocale(locale));
  return t(locale, 'nextDigest.at', { at });
}
