import { LRUCache } from 'lru-cache';
import type { Context } from '../platform/context.js';
import { formatHour } from '../platform/text/format-dates.js';
import type { Subscription } from '../subscribers/subscription.js';

/** What she chose of how often and when she is mailed. */
export type Rhythm = Pick<Subscription, 'cadence' | 'hour' | 'weekday' | 'dayOfMonth' | 'atMostDaily'>;

/** There are few rhythms, and a mail for each of many readers. */
const cachedTexts = new LRUCache<string, string>({ max: 5_000 });

/**
 * A reader's rhythm in words that follow "It comes": "weekly on Mondays, about 07:00", in her own time zone.
 * @param language one that has translations (`resolveLocale`)
 */
export function describeRhythm(
  { templates }: Pick<Context, 'templates'>,
  rhythm: Rhythm,
  language: string,
): string {
  const { cadence, hour, weekday, dayOfMonth, atMostDaily } = rhythm;
  const key = [language, cadence, hour, weekday, dayOfMonth, atMostDaily].join(' ');
  const cached = cachedTexts.get(key);
  if (cached !== undefined) return cached;
  const words = templates.t(
    language,
    `rhythm.${cadence === 'instant' && atMostDaily ? 'atMostDaily' : cadence}`,
    {
      time: formatHour(hour, language),
      weekday: templates.t(language, `rhythm.weekday.${weekday}`),
      day: dayOfMonth,
    },
  );
  cachedTexts.set(key, words);
  return words;
}
