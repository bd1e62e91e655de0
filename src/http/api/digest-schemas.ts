import { z } from 'zod';
import { deliveryStates } from '../../deliveries/delivery.js';
import { operatorTextSchema } from '../../digests/digest.js';
import { DIGEST_TRANSITIONS } from '../../digests/transition.js';
import { statesIn } from '../../platform/db/transitions.js';
import { lineSchema } from '../../platform/text/safe-text.js';
import { cadences } from '../../publications/publication.js';
import { publicationField } from './publication-schemas.js';

const count = z.int().min(0);

export const digestSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  state: z.enum(statesIn(DIGEST_TRANSITIONS)),
  reason: z.string().nullable().meta({ description: 'Why it is held or paused, in words.' }),
  cadence: z.enum(['instant', 'daily', 'weekly', 'monthly', 'operator']),
  period: z.string(),
  subject: z.string().nullable().meta({ description: 'Null until the first mail of it was rendered.' }),
  articles: z.array(z.uuid()).meta({ description: 'The longest list that any reader gets.' }),
  counts: z.object({
    planned: count,
    queued: count,
    sending: count,
    accepted: count,
    deferred: count,
    rejected: count,
    uncertain: count,
    skipped: count,
  }),
  sendAt: z.date().nullable().meta({
    description: 'When an operator’s digest is to go; null for those that go as each reader is due.',
  }),
  sentAt: z.date().nullable().meta({ description: 'When its first mail was made; null before.' }),
  createdAt: z.date(),
});

export const cancelledDigestSchema = digestSchema.extend({
  keptFrom: count.meta({ description: 'Readers who were planned and are not sent it.' }),
  explanation: z.array(z.string()).meta({ description: 'What that means for readers, in sentences.' }),
});

export const forecastSchema = z.object({
  readers: count,
  more: z.boolean().meta({ description: 'Counting stopped: there are at least this many.' }),
  articles: z.array(z.uuid()),
  subject: z
    .string()
    .nullable()
    .meta({ description: 'Of the mail with all of these, or with the chosen ones; null without one.' }),
  size: z
    .string()
    .nullable()
    .meta({ description: 'How large the HTML of that mail is, and what was left out for it, in words.' }),
});

export const readerPreviewSchema = z.object({
  reader: z.object({ id: z.uuid(), status: z.string() }),
  at: z.date(),
  mailings: z.array(z.object({ cadence: z.string(), period: z.string(), articles: z.array(z.uuid()) })),
  nextDueAt: z.date().nullable(),
  why: z.string(),
});

export const deliverySchema = z.object({
  subscription: z.uuid(),
  state: z.enum(deliveryStates),
  attempt: z.int(),
  answer: z.string().nullable(),
  nextAttemptAt: z.date().nullable(),
  updatedAt: z.date(),
});

const audienceSchema = z.strictObject({
  cadence: z
    .union([z.enum(cadences), z.array(z.enum(cadences)).min(1).max(cadences.length)])
    .optional()
    .meta({ description: 'One, or several.' }),
  locale: z.string().min(2).max(35).optional(),
  topics: z.array(lineSchema(60)).min(1).max(30).optional(),
});

export const createDigestSchema = z
  .strictObject({
    publication: publicationField,
    audience: z
      .union([z.literal('confirmed'), audienceSchema])
      .default('confirmed')
      .meta({ description: 'All confirmed readers, or those with these choices.' }),
    articles: z.array(z.uuid()).max(100).optional().meta({
      description: 'Exactly these, to who has not been mailed them. Absent: each reader’s own due list.',
    }),
    again: z
      .boolean()
      .default(false)
      .meta({ description: 'Also to readers who have been mailed these articles.' }),
    subject: operatorTextSchema.shape.subject.optional(),
    preheader: operatorTextSchema.shape.preheader
      .optional()
      .meta({ description: 'What inboxes show beside the subject.' }),
    note: operatorTextSchema.shape.note
      .optional()
      .meta({ description: 'Above the articles, in Markdown (CommonMark, without HTML).' }),
    outro: operatorTextSchema.shape.outro
      .optional()
      .meta({ description: 'Below the articles, in Markdown.' }),
    sendAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Later; now when absent.' }),
    dryRun: z.boolean().default(false),
    reader: z
      .string()
      .max(254)
      .optional()
      .meta({ description: 'With `dryRun`: what this address gets, and why.' }),
    at: z.iso.datetime({ offset: true }).optional().meta({ description: 'With `reader`: at this moment.' }),
  })
  .meta({
    dependentRequired: { at: ['reader'], reader: ['dryRun'] },
    allOf: [
      conditionalSchema({ required: ['reader'] }, { properties: { dryRun: { const: true } } }),
      conditionalSchema(
        { required: ['articles'], properties: { articles: { maxItems: 0 } } },
        { required: ['subject', 'note'] },
      ),
    ],
  });

/** `if` and `then` of JSON Schema (2020-12, section 10.2.2.1), for a condition between fields. */
function conditionalSchema(condition: object, consequence: object): object {
  // oxlint-disable-next-line unicorn/no-thenable
  return { if: condition, then: consequence };
}
