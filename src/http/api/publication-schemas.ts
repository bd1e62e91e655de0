import { z } from 'zod';
import { cadences, settingsSchema } from '../../publications/publication.js';

export const publicationField = z
  .string()
  .min(1)
  .max(63)
  .meta({ description: 'The id or the slug of a publication.' });

/** A publication as the API shows it. */
export const publicationSchema = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  siteUrl: z.string(),
  fromName: z.string(),
  fromAddress: z.string(),
  noticeAddress: z.string().nullable(),
  replyTo: z.string().nullable(),
  postalAddress: z.string().nullable(),
  contact: z.string().nullable(),
  locale: z.string(),
  timezone: z.string(),
  defaultCadence: z.enum(cadences),
  hour: z.int(),
  weekday: z.int(),
  dayOfMonth: z.int(),
  topics: z.array(z.string()),
  neverEmailCategories: z
    .array(z.string())
    .meta({ description: 'Articles in one of these categories count as sent when they come.' }),
  holdMinutes: z.int(),
  contentMode: z.enum(['summary', 'full']),
  archive: z.enum(['public', 'unlisted', 'off']),
  approval: z.boolean(),
  unapprovedWords: z.enum(['leave-out', 'wait']),
  accent: z.string().nullable(),
  logo: z.string().nullable(),
  privacyUrl: z.string().nullable(),
  welcomeText: z.string().nullable(),
  subjectTemplate: z.string().nullable(),
  signedBy: z.enum(['server', 'paperround']).nullable(),
  serverSelector: z.string().nullable(),
  formLists: z
    .array(z.string())
    .meta({ description: 'Lists of other products whose forms sign up for this newsletter, by their ids.' }),
  evidenceDays: z.int(),
  createdAt: z.date(),
  archivedAt: z.date().nullable(),
  liveAt: z.date().nullable().meta({ description: 'Since when it sends digests; null: it is being set up.' }),
});

/** The command line sends these settings as text; in the API they are numbers, lists and booleans. */
const {
  hour,
  weekday,
  dayOfMonth,
  holdMinutes,
  topics,
  neverEmailCategories,
  approval,
  formLists,
  evidenceDays,
} = settingsSchema.shape;
const apiSettingsSchema = settingsSchema.extend({
  hour: hour.out,
  weekday: weekday.out,
  dayOfMonth: dayOfMonth.out,
  holdMinutes: holdMinutes.out,
  evidenceDays: evidenceDays.out,
  topics: topics.out,
  neverEmailCategories: neverEmailCategories.out,
  approval: approval.out,
  formLists: formLists.out,
});
export const changePublicationSchema = apiSettingsSchema.partial();
export const createPublicationSchema = changePublicationSchema.required({
  slug: true,
  name: true,
  siteUrl: true,
  fromAddress: true,
});
