import { z } from 'zod';
import { statesIn } from '../../platform/db/transitions.js';
import { lineSchema, looseLineSchema } from '../../platform/text/safe-text.js';
import { languageSchema, timeZoneSchema } from '../../publications/place-schemas.js';
import { cadences } from '../../publications/publication.js';
import { SUBSCRIPTION_TRANSITIONS } from '../../subscribers/transitions.js';
import { consentSchema } from './consent-schema.js';
import { pageQuery } from './protocol/pagination.js';
import { publicationField } from './publication-schemas.js';

const formats = ['summary', 'full'] as const;
const statuses = statesIn(SUBSCRIPTION_TRANSITIONS);

/** A subscription as the API shows it. */
export const subscriptionSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  email: z.string(),
  status: z.enum(statuses),
  locale: z.string(),
  cadence: z.enum(cadences),
  hour: z.int(),
  weekday: z.int(),
  dayOfMonth: z.int(),
  timezone: z.string(),
  topics: z.array(z.string()),
  format: z.enum(formats).nullable().meta({ description: 'Null: as the newsletter does it.' }),
  withoutPictures: z.boolean(),
  atMostDaily: z.boolean(),
  pausedUntil: z.date().nullable(),
  createdAt: z.date(),
  confirmedAt: z.date().nullable(),
  unsubscribedAt: z.date().nullable(),
  nextDueAt: z.date().nullable(),
});

export const subscriptionDetailSchema = subscriptionSchema.extend({ consents: z.array(consentSchema) });

const topics = z.array(lineSchema(60)).max(30);
export const emailField = z.string().min(3).max(254).meta({ format: 'email' });

export const listSubscriptionsQuery = z.strictObject({
  publication: publicationField
    .optional()
    .meta({ description: 'The id or the slug of a publication; all where it is left out.' }),
  email: emailField.optional(),
  status: z.enum(statuses).optional(),
  ...pageQuery,
});

export const createSubscriptionSchema = z.strictObject({
  publication: publicationField,
  email: emailField,
  cadence: z.enum(cadences).optional(),
  timezone: timeZoneSchema.optional(),
  locale: languageSchema.optional(),
  topics: topics.default([]),
  source: looseLineSchema(2000).optional().meta({ description: 'The page she agreed on.' }),
});

export const changeSubscriptionSchema = z.strictObject({
  cadence: z.enum(cadences).optional(),
  hour: z.int().min(0).max(23).optional(),
  weekday: z.int().min(1).max(7).optional().meta({ description: '1 is Monday.' }),
  dayOfMonth: z.int().min(1).max(31).optional(),
  timezone: timeZoneSchema.optional(),
  topics: topics.optional().meta({ description: 'None: every article.' }),
  format: z.enum(formats).nullable().optional().meta({ description: 'Null: as the newsletter does it.' }),
  withoutPictures: z.boolean().optional().meta({ description: 'Her mails show no pictures, to save data.' }),
  atMostDaily: z.boolean().optional().meta({ description: 'Of each article as it comes, one mail a day.' }),
  locale: languageSchema.optional(),
});
