import { z } from 'zod';
import type { Publication } from '../../../publications/publication.js';
import type { ChoicesChange } from '../../../subscribers/preferences/change-choices.js';
import type { TopicTicks } from '../../../subscribers/preferences/merge-topics.js';
import type { Pause } from '../../../subscribers/preferences/pause.js';
import { pauseLengths, pauseEndsAt, type PauseLength } from '../../../subscribers/preferences/pause-end.js';
import type { Subscription } from '../../../subscribers/subscription.js';
import { readChoices } from '../choices-form.js';

/** The forms of the settings page, each with a button of its own. */
export const sections = ['cadence', 'topics', 'format', 'pause', 'resume'] as const;
export type Section = (typeof sections)[number];

/** What she typed into the form of a pause, to fill it in again beside the message about a mistake. */
export type TypedPause = { length: PauseLength; until: string; catchUp: boolean };

/** How often and when she wants mail; undefined for a value that the form does not offer. */
export function readCadence(body: unknown, publication: Publication): ChoicesChange | undefined {
  const read = readChoices(body, publication);
  const ticked = tickSchema.safeParse(body ?? {});
  if (read.kind === 'mistake' || !ticked.success) return undefined;
  const { topics: _, ...rhythm } = read.given;
  const { choices, atMostDaily } = ticked.data;
  return choices === undefined ? rhythm : { ...rhythm, atMostDaily: atMostDaily === 'yes' };
}

const tickSchema = z.object({
  choices: z.literal('yes').optional(),
  atMostDaily: z.literal('yes').optional(),
});

const topicNamesSchema = z
  .union([z.string().transform((name) => [name]), z.array(z.string())])
  .pipe(z.array(z.string().max(60)).max(60))
  .default([]);
const topicsForm = z.object({ before: topicNamesSchema, topics: topicNamesSchema });

export function readTicks(body: unknown): TopicTicks | undefined {
  const { data } = topicsForm.safeParse(body ?? {});
  return data && { before: data.before, now: data.topics };
}

const formatForm = z.object({ format: z.enum(['publication', 'full', 'summary']) });

export function readFormat(body: unknown): Pick<Subscription, 'format'> | undefined {
  const { data } = formatForm.safeParse(body ?? {});
  return data && { format: data.format === 'publication' ? null : data.format };
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
