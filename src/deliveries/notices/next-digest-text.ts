import type { Context } from '../../platform/context.js';
import { formatWeekdayTime } from '../../platform/text/format-dates.js';
import type { Publication } from '../../publications/publication.js';
import type { Subscription } from '../../subscribers/subscription.js';

/**
 * When her next digest comes, as words that follow "Your first email comes"; the zone is named.
 * @param publication in whose language where we lack hers
 */
export function describeNextDigest(
  { templates: { t, resolveLocale }, now }: Pick<Context, 'templates' | 'now'>,
  { nextDueAt, timezone, locale }: Pick<Subscription, 'nextDueAt' | 'timezone' | 'locale'>,
  publication: Pick<Publication, 'locale'>,
): string {
  const language = resolveLocale(locale, publication.locale);
  if (nextDueAt === null) return t(language, 'nextDigest.instant');
  if (nextDueAt <= now()) return t(language, 'nextDigest.soon');
  const at = formatWeekdayTime(nextDueAt, timezone, language);
  return t(language, 'nextDigest.at', { at });
}
