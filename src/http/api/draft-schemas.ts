import { z } from 'zod';
import { articlePlaces } from '../../digests/article-choices.js';
import {
  draftContents,
  draftChangeSchema,
  DRAFT_TRANSITIONS,
  type Draft,
} from '../../digests/drafts/draft.js';
import { statesIn } from '../../platform/db/transitions.js';
import { cadences } from '../../publications/publication.js';
import { publicationField } from './publication-schemas.js';

const MAX_VERSION = 2 ** 31 - 1;
const version = z.int().min(1).max(MAX_VERSION);

export const draftSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  cadence: z
    .enum(cadences)
    .nullable()
    .meta({ description: 'Of the digest that it is for; null: an email of its own.' }),
  period: z.string().nullable().meta({ description: 'Of that digest; null: the next of the rhythm.' }),
  state: z.enum(statesIn(DRAFT_TRANSITIONS)),
  version: version.meta({
    description: 'Grows with each change; a change or decision names the one it saw.',
  }),
  subject: z.string().nullable(),
  preheader: z.string().nullable(),
  note: z.string().nullable().meta({ description: 'Above the articles, in Markdown.' }),
  outro: z.string().nullable().meta({ description: 'Below the articles, in Markdown.' }),
  articleChoices: z.array(z.object({ id: z.uuid(), as: z.enum(articlePlaces) })),
  contents: z
    .enum(draftContents)
    .meta({ description: 'What an email of its own brings; a rhythm’s digest brings what is due.' }),
  audience: z.object({
    cadence: z.enum(cadences).optional(),
    locale: z.string().optional(),
    topics: z.array(z.string()).optional(),
  }),
  digest: z.uuid().nullable().meta({ description: 'The digest that has it.' }),
  missedDigest: z
    .uuid()
    .nullable()
    .meta({ description: 'The last digest that went without it, because nobody had approved it in time.' }),
  createdAt: z.date(),
  updatedAt: z.date(),
});

/** What is written: fields that are absent stay. */
const writtenFields = draftChangeSchema.shape;

export const createDraftSchema = z.strictObject({
  publication: publicationField,
  cadence: z
    .enum(cadences)
    .nullable()
    .default(null)
    .meta({ description: 'For a digest of this rhythm; absent: an email of its own.' }),
  period: z
    .string()
    .max(10)
    .nullable()
    .default(null)
    .meta({ description: 'That digest, like 2026-12-02, 2026-W49 or 2026-12; absent: the next.' }),
  ...writtenFields,
});

export const changeDraftSchema = z.strictObject({ version, ...writtenFields });

export const decideDraftSchema = z.strictObject({ version });

export const versionQuery = z.strictObject({ version: z.coerce.number().int().min(1).max(MAX_VERSION) });

export const sendDraftSchema = z.strictObject({
  version,
  sendAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Later; now when absent.' }),
});

/** A draft as the API shows it. */
export function draftToJson(draft: Draft): z.infer<typeof draftSchema> {
  const { content, publicationId, digestId, missedDigestId } = draft;
  return draftSchema.parse({
    ...draft,
    ...content,
    publication: publicationId,
    digest: digestId,
    missedDigest: missedDigestId,
  });
}
