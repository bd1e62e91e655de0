import { z } from 'zod';
import { lineSchema } from '../../platform/text/safe-text.js';
import { articleStates, type Article } from '../../articles/article.js';
import { describeArticleHold } from '../../articles/release/describe-hold.js';
import type { Context } from '../../platform/context.js';

/** An article as the API shows it. */
export const articleSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  url: z.string().nullable(),
  title: z.string(),
  summary: z.string(),
  content: z.string(),
  authors: z.array(z.string()),
  image: z.string().nullable(),
  categories: z.array(z.string()),
  publishedAt: z.date().nullable(),
  updatedAt: z.date().nullable(),
  state: z.enum(articleStates),
  hold: z.uuid().nullable().meta({ description: 'What covers it while it is held.' }),
  holdReason: z.string().nullable().meta({ description: 'Why it is held, or that it vanished.' }),
  releaseAt: z.date(),
  seq: z.int().nullable().meta({ description: 'Its number in the publication, given at release.' }),
});

const webAddress = z.url({ protocol: /^https?$/ }).max(2000);

/** The fields of an article that a program pushes, without the publication. */
export const articleFields = {
  url: webAddress.optional(),
  title: lineSchema(300),
  summary: z.string().max(5000).optional(),
  content: z.string().max(1_000_000).optional().meta({ description: 'HTML. Sanitised before it is kept.' }),
  authors: z.array(lineSchema(100)).max(30).default([]),
  image: webAddress.optional(),
  categories: z.array(lineSchema(100)).max(30).default([]),
  publishedAt: z.iso.datetime({ offset: true }).optional(),
};

const STAYS = 'Absent: it stays as it is.';
const OR_NONE = `${STAYS} Null: there is none any more.`;

/** The fields that a correction may change. */
export const correctionSchema = z
  .strictObject({
    url: webAddress.nullable().optional().meta({ description: OR_NONE }),
    title: lineSchema(300).optional().meta({ description: STAYS }),
    summary: articleFields.summary.meta({ description: `${STAYS} Of a new content one is made.` }),
    content: articleFields.content.meta({ description: `${STAYS} HTML. Sanitised before it is kept.` }),
    authors: z.array(lineSchema(100)).max(30).optional().meta({ description: STAYS }),
    image: webAddress.nullable().optional().meta({ description: OR_NONE }),
    categories: z.array(lineSchema(100)).max(30).optional().meta({ description: STAYS }),
    publishedAt: articleFields.publishedAt.nullable().meta({
      description: `${OR_NONE} An article that still waits is released no sooner.`,
    }),
  })
  .meta({ description: 'What is to change. What is absent stays as it is.' });

export function articleToJson(
  { templates }: Pick<Context, 'templates'>,
  { publicationId, contentHtml, holdId, ...article }: Article,
): z.infer<typeof articleSchema> {
  return articleSchema.parse({
    ...article,
    publication: publicationId,
    content: contentHtml,
    hold: holdId,
    holdReason: describeArticleHold(article, templates.operatorWords),
  });
}
