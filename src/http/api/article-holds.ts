import { z } from 'zod';
import { holdArticle } from '../../articles/release/decide-article.js';
import { holdCodes } from '../../articles/article.js';
import { describeHold } from '../../articles/release/describe-hold.js';
import type { ArticleHold } from '../../articles/release/hold.js';
import { listHolds } from '../../articles/release/reads.js';
import { readHoldDetails } from '../../dashboard/hold-details.js';
import { releaseOrRestoreArticle } from '../../deliveries/control/release-article.js';
import { articleToJson, articleSchema as shownArticle } from './article-schemas.js';
import { requireArticle } from './articles.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';
import { decideHold } from '../../articles/release/decide-hold.js';

const holdSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  feed: z.uuid().nullable().meta({ description: 'Null: no feed brought them.' }),
  feedTitle: z.string().nullable(),
  feedUrl: z.string().nullable(),
  code: z.enum(holdCodes).meta({ description: 'Why, for programs.' }),
  reason: z.string().meta({ description: 'Why, in a sentence.' }),
  heldAt: z.date(),
  count: z.int().meta({ description: 'How many articles are still held. 0: it is decided.' }),
  titles: z.array(z.string()).meta({ description: 'Of the newest of them, five at most.' }),
});

const holdDetailSchema = holdSchema.extend({
  articles: z.array(shownArticle).meta({ description: 'Those still held, newest first.' }),
  readers: z
    .object({ atOnce: z.int(), later: z.int() })
    .meta({ description: 'Whom releasing all would reach: within minutes, and with their next digest.' }),
});

const byId = z.object({ id: z.uuid() });

/** Holds of articles. One decision is for all articles that were held together for one reason. */
export const articleHoldEndpoints = [
  endpoint({
    method: 'get',
    path: '/article-holds',
    operationId: 'listArticleHolds',
    summary: 'Holds of a publication that wait for a decision, newest first.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    responses: { 200: { description: 'A page of holds.', schema: pageSchema(holdSchema) } },
    handle: async (context, { query }) => {
      const { id: publicationId } = await requirePublication(context, query.publication);
      const page = parsePage(query);
      const holds = await listHolds(context.db, {
        publicationId,
        before: page.before,
        limit: page.limit + 1,
      });
      return { status: 200, body: toPage(holds, page, (hold) => holdToJson(context, hold)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/article-holds/{id}',
    operationId: 'showArticleHold',
    summary: 'One hold: its articles, and how many readers they would reach.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The hold.', schema: holdDetailSchema } },
    handle: async (context, { params }) => {
      const page = await readHoldDetails(context, params.id);
      if (page === undefined) throw noSuchHold();
      const { articles, readers } = page;
      return {
        status: 200,
        body: {
          ...holdToJson(context, page),
          articles: articles.map((article) => articleToJson(context, article)),
          readers: readers.all,
        },
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/article-holds/{id}/decision',
    operationId: 'decideArticleHold',
    summary: 'Releases all, none or the newest few of what is held; the rest counts as already sent.',
    scope: 'send',
    params: byId,
    body: z.strictObject({
      release: z
        .union([z.enum(['all', 'none']), z.int().min(1).max(1000)])
        .meta({ description: '`all`, `none`, or how many of the newest.' }),
    }),
    responses: {
      200: {
        description: 'It is decided.',
        schema: z.object({
          released: z.int(),
          skipped: z.int(),
          failed: z
            .int()
            .optional()
            .meta({ description: 'How many could not be changed and are still held; absent when none.' }),
        }),
      },
    },
    handle: async (context, { params, body }) => {
      const decided = await decideHold(context, params.id, body.release);
      if (decided.kind === 'unknown') throw noSuchHold();
      if (decided.kind === 'nothing-held')
        throw new ApiProblem(409, 'nothing-held', 'This hold was decided before. Nothing was changed.');
      const { released, skipped, failed } = decided;
      return { status: 200, body: { released, skipped, ...(failed === undefined ? {} : { failed }) } };
    },
  }),
  endpoint({
    method: 'post',
    path: '/articles/{id}/release',
    operationId: 'releaseArticle',
    summary: 'Lets one article go now, past guards and hold window. A retracted one comes back.',
    scope: 'send',
    params: byId,
    responses: { 200: { description: 'It goes out.', schema: shownArticle } },
    handle: async (context, { params: { id } }) => {
      await requireArticle(context, id);
      const decided = await releaseOrRestoreArticle(context, id);
      if (decided.kind === 'too-late')
        throw new ApiProblem(
          409,
          'not-held',
          'It was released before, or counts as sent. Nothing was changed.',
        );
      return { status: 200, body: articleToJson(context, await requireArticle(context, id)) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/articles/{id}/hold',
    operationId: 'holdArticle',
    summary: 'Stops an article that still waits, until it is decided on.',
    scope: 'write',
    params: byId,
    responses: { 200: { description: 'It is held.', schema: shownArticle } },
    handle: async (context, { params: { id } }) => {
      await requireArticle(context, id);
      const decided = await holdArticle(context, id);
      if (decided.kind === 'too-late')
        throw new ApiProblem(409, 'not-waiting', 'It does not wait any more. Nothing was changed.');
      return { status: 200, body: articleToJson(context, await requireArticle(context, id)) };
    },
  }),
];

function noSuchHold(): ApiProblem {
  return new ApiProblem(404, 'no-such-hold', 'There is no hold with this id.');
}

function holdToJson(
  { templates }: ApiContext,
  { publicationId, feedId, ...hold }: ArticleHold,
): z.infer<typeof holdSchema> {
  const reason = describeHold(hold, templates.operatorWords);
  return holdSchema.parse({ ...hold, reason, publication: publicationId, feed: feedId });
}
