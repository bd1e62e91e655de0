import type { Templates } from '../platform/templates.js';
import type { Subscription } from '../subscribers/subscription.js';

/** 22 November 2026, by her own calendar. */
export function formatDay(date: Date, timezone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: timezone }).format(date);
}

/** When her next digest comes, as words that follow "Your first email comes"; the zone is named. */
export function nextDigest(
  { t }: Pick<Templates, 't'>,
  reader: Pick<Subscription, 'nextDueAt' | 'timezone' | 'locale'>,
): string {
  if (reader.nextDueAt === null) return t(reader.locale, 'next.instant');
  const at = new Intl.DateTimeFormat(reader.locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: reader.timezone,
    timeZoneName: 'long',
  }).format(reader.nextDueAt);
  return t(reader.locale, 'next.at', { at });
}
