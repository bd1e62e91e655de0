import { z } from 'zod';
import type { Publication } from '../../../publications/publication.js';
import type { ChoicesChange } from '../../../subscribers/preferences/change-choices.js';
import type { TopicTicks } from '../../../subscribers/preferences/merge-topics.js';
import type { Pause } from '../../../subscribers/preferences/pause.js';
import { pauseLengths, pauseEndsAt, type PauseLength } from '../../../subscribers/preferences/pause-end.js';
import { readChoices } from '../choices-form.js';

/** The forms of the settings page: all choices in one, and the pause. */
export const sections = ['choices', 'pause', 'resume'] as const;
export type Section = (typeof sections)[number];

/** What she typed into the form of a pause, to fill it in again beside the message about a mistake. */
export type TypedPause = { length: PauseLength; until: string; catchUp: boolean };

/** Topics that are given as boxes: which were ticked when the form was made, and which are now. */
const topicNamesSchema = z
  .union([z.string().transform((name) => [name]), z.array(z.string())])
  .pipe(z.array(z.string().max(60)).max(60))
  .default([]);

const settingsForm = z.object({
  /** `yes`: the form has every box, so that a box that did not come is not ticked. */
  choices: z.literal('yes').optional(),
  atMostDaily: z.literal('yes').optional(),
  withoutPictures: z.literal('yes').optional(),
  format: z.enum(['publication', 'full', 'summary']).optional(),
  before: topicNamesSchema,
  topics: topicNamesSchema,
});

export type Settings = { choices: ChoicesChange; ticks: TopicTicks };

/** What she wants, when and how often; undefined for a value that the form does not offer. */
export function readSettings(body: unknown, publication: Publication): Settings | undefined {
  const read = readChoices(body, publication);
  const { data } = settingsForm.safeParse(body ?? {});
  if (read.kind === 'mistake' || data === undefined) return undefined;
  const { topics: _, ...rhythm } = read.given;
  const { format, before, topics: now } = data;
  const choices = {
    ...rhythm,
    ...(format === undefined ? {} : { format: format === 'publication' ? null : format }),
    ...(data.choices === undefined
      ? {}
      : { atMostDaily: data.atMostDaily === 'yes', withoutPictures: data.withoutPictures === 'yes' }),
  };
  return { choices, ticks: { before, now } };
}

const pauseForm = z.object({
  length: z.enum(pauseLengths),
  until: z.string().max(40).default(''),
  catchUp: z.literal('yes').optional(),
});

export type ReadPause = { kind: 'pause'; pause: Pause } | { kind: 'mistake'; typed?: TypedPause };

/** The pause she asks for, or what she typed if that is a mistake she can correct. */
export function readPause(body: unknown, timezone: string, now: Date): ReadPause {
  const { data } = pauseForm.safeParse(body ?? {});
  if (data === undefined) return { kind: 'mistake' };
  const typed = { ...data, until: data.until.trim(), catchUp: data.catchUp === 'yes' };
  const until = pauseEndsAt(typed.length, typed.until, timezone, now);
  if (until === undefined) return { kind: 'mistake', typed };
  return { kind: 'pause', pause: { until, catchUp: typed.catchUp } };
}
