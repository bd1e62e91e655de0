import { z } from 'zod';
import { articleStates, type Article } from '../../articles/article.js';
import { pushArticle } from '../../articles/push.js';
import { findArticle, listArticlesPage } from '../../articles/reads.js';
import { correctArticle, retractArticle } from '../../articles/revise.js';
import { correction, show, shown, text } from './article-shapes.js';
import { listOf, pageOf, pageQuery, readPage } from './cursor.js';
import { endpoint, Problem, type ApiContext } from './endpoint.js';
import { livePublication, namedPublication, publicationField } from './publications.js';

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
    answers: { 200: { description: 'A page of articles.', schema: listOf(shown) } },
    handle: async (context, { query }) => {
      const { id: publicationId } = await namedPublication(context, query.publication);
      const page = readPage(query);
      const where = { publicationId, state: query.state, before: page.before, limit: page.limit + 1 };
      return { status: 200, body: pageOf(await listArticlesPage(context.db, where), page, show) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/articles',
    operationId: 'pushArticle',
    summary:
      'Adds one article. It waits out the hold window, then goes to whom it is due. One without text, or with a title ' +
      'that was mailed before, is held.',
    scope: 'write',
    body: z.strictObject({
      publication: publicationField,
      externalId: z
        .string()
        .min(1)
        .max(500)
        .optional()
        .meta({ description: 'Your own id; the url when absent.' }),
      ...text,
    }),
    answers: { 201: { description: 'It is added.', schema: shown } },
    handle: async (context, { body }) => {
      const publication = await livePublication(context, body.publication);
      const { publishedAt, ...article } = body;
      const at = publishedAt === undefined ? undefined : new Date(publishedAt);
      const pushed = await pushArticle(context, publication, { ...article, publishedAt: at });
      if (pushed.kind === 'known') {
        throw new Problem(
          409,
          'article-known',
          `This publication has that article already: ${pushed.id}. PUT corrects it.`,
        );
      }
      return { status: 201, body: show(await namedArticle(context, pushed.id)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/articles/{id}',
    operationId: 'showArticle',
    summary: 'One article.',
    scope: 'read',
    params: byId,
    answers: { 200: { description: 'The article.', schema: shown } },
    handle: async (context, { params }) => ({
      status: 200,
      body: show(await namedArticle(context, params.id)),
    }),
  }),
  endpoint({
    method: 'put',
    path: '/articles/{id}',
    operationId: 'correctArticle',
    summary: 'Corrects an article: what is given changes, the rest stays. Nobody is mailed it again.',
    scope: 'write',
    params: byId,
    body: correction,
    answers: { 200: { description: 'The article as it is now.', schema: shown } },
    handle: async (context, { params, body }) => {
      await namedArticle(context, params.id);
      const { publishedAt, ...rest } = body;
      const at = typeof publishedAt === 'string' ? new Date(publishedAt) : publishedAt;
      const corrected = await correctArticle(context, params.id, { ...rest, publishedAt: at });
      if (corrected === undefined) throw new Problem(409, 'article-retracted', 'This article was retracted.');
      return { status: 200, body: show(corrected) };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/articles/{id}',
    operationId: 'retractArticle',
    summary: 'Retracts an article: who has not been planned for it never gets it.',
    scope: 'write',
    params: byId,
    answers: { 204: { description: 'It is retracted.' } },
    handle: async (context, { params }) => {
      await namedArticle(context, params.id);
      await retractArticle(context, params.id);
      return { status: 204 };
    },
  }),
];

export async function namedArticle({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Article> {
  const article = await findArticle(db, id);
  if (article === undefined) throw new Problem(404, 'no-such-article', 'There is no article with this id.');
  return article;
}
