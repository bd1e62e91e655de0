import { z } from 'zod';
import { usableTimeZone } from '../../platform/text/time-zone.js';
import { timeZoneSchema } from '../../publications/place-schemas.js';
import { cadences, type Publication } from '../../publications/publication.js';
import type { Choices } from '../../subscribers/subscription.js';
import { zoneGroups } from './time-zones.js';

const digits = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number)
    .refine((number) => number >= min && number <= max);

const choicesSchema = z.object({
  cadence: z.enum(cadences).optional(),
  hour: digits(0, 23).optional(),
  weekday: digits(1, 7).optional(),
  dayOfMonth: digits(1, 31).optional(),
  timezone: timeZoneSchema.optional(),
  topics: z
    .union([z.string().transform((topic) => [topic]), z.array(z.string())])
    .pipe(z.array(z.string().max(60)).max(30))
    .optional(),
  /** `yes`: the form had a box for each topic. Browsers do not send boxes that are not ticked, so no `topics` means none. */
  choices: z.literal('yes').optional(),
});

export type ReadChoices = { kind: 'choices'; given: Partial<Choices> } | { kind: 'mistake' };

/** Reads how often, when and what she chose: only what the form has. */
export function readChoices(body: unknown, publication: Pick<Publication, 'topics'>): ReadChoices {
  const parsed = choicesSchema.safeParse(body ?? {});
  if (!parsed.success) return { kind: 'mistake' };
  const { choices: hasTopicBoxes, topics, ...rhythm } = parsed.data;
  const given = Object.fromEntries(Object.entries(rhythm).filter(([, value]) => value !== undefined));
  const chosen = topics ?? (hasTopicBoxes === 'yes' ? [] : undefined);
  if (chosen === undefined) return { kind: 'choices', given };
  return {
    kind: 'choices',
    given: { ...given, topics: publication.topics.filter((topic) => chosen.includes(topic)) },
  };
}

/**
 * What the form shows: her choices, and everything there is to choose from.
 * @param locale a language that has translations (`resolveLocale`)
 */
export function choicesForm(chosen: Choices, publication: Publication, locale: string, now: Date) {
  const timezone = usableTimeZone(chosen.timezone);
  return {
    chosen: { ...chosen, timezone },
    cadences,
    hours: Array.from({ length: 24 }, (_, hour) => ({
      value: hour,
      label: `${String(hour).padStart(2, '0')}:00`,
    })),
    weekdays: Array.from({ length: 7 }, (_, day) => ({ value: day + 1, label: weekdayName(day, locale) })),
    days: Array.from({ length: 31 }, (_, day) => day + 1),
    zoneGroups: zoneGroups(timezone, now),
    topics: publication.topics.map((name) => ({ name, ticked: chosen.topics.includes(name) })),
  };
}

/** @param day 0 is Monday, as 1 January 2024 was */
function weekdayName(day: number, locale: string): string {
  const date = new Date(Date.UTC(2024, 0, 1 + day));
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}
