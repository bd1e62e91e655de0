import { z } from 'zod';
import { articleStates, type Article } from '../../articles/article.js';
import { pushArticle } from '../../articles/ingest/push-article.js';
import { findArticle, listArticlesPage } from '../../articles/reads.js';
import { correctArticle } from '../../articles/release/correct-article.js';
import { correctionSchema, articleToJson, articleSchema, articleFields } from './article-schemas.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { publicationField } from './publication-schemas.js';
import { requireActivePublication, requirePublication } from './publications.js';
import { retractArticle } from '../../articles/release/decide-article.js';

const byId = z.object({ id: z.uuid() });

export const articleEndpoints = [
  endpoint({
    method: 'get',
    path: '/articles',
    operationId: 'listArticles',
    summary: 'Articles of a publication, newest first.',
    scope: 'read',
    query: z.strictObject({
      publication: publicationField,
      state: z.enum(articleStates).optional(),
      ...pageQuery,
    }),
    responses: { 200: { description: 'A page of articles.', schema: pageSchema(articleSchema) } },
    handle: async (context, { query }) => {
      const { id: publicationId } = await requirePublication(context, query.publication);
      const page = parsePage(query);
      const where = { publicationId, state: query.state, before: page.before, limit: page.limit + 1 };
      const articles = await listArticlesPage(context.db, where);
      return { status: 200, body: toPage(articles, page, (article) => articleToJson(context, article)) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/articles',
    operationId: 'pushArticle',
    summary:
      'Adds one article. It waits out the hold window, then goes to whom it is due. One without text, with a title ' +
      'that was mailed before, or that looks password-protected, is held.',
    scope: 'write',
    body: z.strictObject({
      publication: publicationField,
      externalId: z
        .string()
        .min(1)
        .max(500)
        .optional()
        .meta({ description: 'Your own id; the url when absent.' }),
      ...articleFields,
      release: z.boolean().optional().meta({
        description:
          'True: released at once, past hold rules and hold window, to be used in a digest. Needs the scope `send`, too.',
      }),
    }),
    bodyScope: ({ release }) => (release === true ? 'send' : undefined),
    responses: { 201: { description: 'It is added.', schema: articleSchema } },
    handle: async (context, { body }) => {
      const publication = await requireActivePublication(context, body.publication);
      const { publishedAt, ...article } = body;
      const at = publishedAt === undefined ? undefined : new Date(publishedAt);
      const pushed = await pushArticle(context, publication, { ...article, publishedAt: at });
      if (pushed.kind === 'known') {
        throw new ApiProblem(
          409,
          'article-known',
          `This publication has that article already: ${pushed.id}. PUT corrects it; POST /articles/${pushed.id}/release lets it go.`,
        );
      }
      return { status: 201, body: articleToJson(context, await requireArticle(context, pushed.id)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/articles/{id}',
    operationId: 'showArticle',
    summary: 'One article.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The article.', schema: articleSchema } },
    handle: async (context, { params }) => ({
      status: 200,
      body: articleToJson(context, await requireArticle(context, params.id)),
    }),
  }),
  endpoint({
    method: 'put',
    path: '/articles/{id}',
    operationId: 'correctArticle',
    summary: 'Corrects an article: what is given changes, the rest stays. Nobody is mailed it again.',
    scope: 'write',
    params: byId,
    body: correctionSchema,
    responses: { 200: { description: 'The article as it is now.', schema: articleSchema } },
    handle: async (context, { params, body }) => {
      await requireArticle(context, params.id);
      const { publishedAt, ...rest } = body;
      const at = typeof publishedAt === 'string' ? new Date(publishedAt) : publishedAt;
      const corrected = await correctArticle(context, params.id, { ...rest, publishedAt: at });
      if (corrected === undefined)
        throw new ApiProblem(409, 'article-retracted', 'This article was retracted.');
      return { status: 200, body: articleToJson(context, corrected) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/articles/{id}',
    operationId: 'retractArticle',
    summary: 'Retracts an article: who has not been planned for it never gets it.',
    scope: 'write',
    params: byId,
    responses: { 204: { description: 'It is retracted.' } },
    handle: async (context, { params }) => {
      await requireArticle(context, params.id);
      await retractArticle(context, params.id);
      return { status: 204 };
    },
  }),
];

export async function requireArticle({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Article> {
  const article = await findArticle(db, id);
  if (article === undefined)
    throw new ApiProblem(404, 'no-such-article', 'There is no article with this id.');
  return article;
}
