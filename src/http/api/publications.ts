import { z } from 'zod';
import {
  createPublication,
  describeSlugTaken,
  updatePublication,
  archivePublication,
} from '../../publications/change-publication.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication, findPublicationByAnySlug, listPublicationsPage } from '../../publications/reads.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import {
  changePublicationSchema,
  createPublicationSchema,
  publicationSchema,
} from './publication-schemas.js';

const byId = z.object({
  id: z.string().min(1).max(63).meta({ description: 'The id or the slug, also an earlier one.' }),
});

/**
 * The publication a request names by id or slug.
 * @throws ApiProblem 404
 */
export async function requirePublication({ db }: Pick<ApiContext, 'db'>, name: string): Promise<Publication> {
  const found = z.uuid().safeParse(name).success
    ? await findPublication(db, name)
    : await findPublicationByAnySlug(db, name);
  if (found === undefined)
    throw new ApiProblem(404, 'no-such-publication', `There is no publication "${name}".`);
  return found;
}

/**
 * The publication a request names by id or slug, unless it is archived.
 * @throws ApiProblem 404, 409
 */
export async function requireActivePublication(
  context: Pick<ApiContext, 'db'>,
  name: string,
): Promise<Publication> {
  const publication = await requirePublication(context, name);
  if (publication.archivedAt === null) return publication;
  throw new ApiProblem(
    409,
    'publication-archived',
    'This publication is archived: nothing is taken, nothing is sent.',
  );
}

export const publicationEndpoints = [
  endpoint({
    method: 'get',
    path: '/publications',
    operationId: 'listPublications',
    summary: 'All publications that the token reaches, newest first; archived ones too.',
    scope: 'read',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of publications.', schema: pageSchema(publicationSchema) } },
    handle: async ({ db }, { query }, { publicationIds }) => {
      const page = parsePage(query);
      const where = { ids: publicationIds, before: page.before, limit: page.limit + 1 };
      return { status: 200, body: toPage(await listPublicationsPage(db, where), page, publicationToJson) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/publications',
    operationId: 'createPublication',
    summary: 'Makes a publication.',
    scope: 'write',
    body: createPublicationSchema,
    responses: { 201: { description: 'It is made.', schema: publicationSchema } },
    handle: async (context, { body }) => {
      const created = await createPublication(context, body);
      if (created.kind === 'slug-taken') {
        throw new ApiProblem(409, 'slug-taken', describeSlugTaken(body.slug, created));
      }
      return { status: 201, body: publicationToJson(await requirePublication(context, created.id)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/publications/{id}',
    operationId: 'showPublication',
    summary: 'One publication and its settings.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The publication.', schema: publicationSchema } },
    handle: async (context, { params }) => ({
      status: 200,
      body: publicationToJson(await requirePublication(context, params.id)),
    }),
  }),
  endpoint({
    method: 'patch',
    path: '/publications/{id}',
    operationId: 'changePublication',
    summary:
      'Changes settings; mails made from now on use them. Switching `approval` off needs the scope `send`, too.',
    scope: 'write',
    // Whoever may not approve a digest may not do away with approving either.
    bodyScope: ({ approval }) => (approval === false ? 'send' : undefined),
    params: byId,
    body: changePublicationSchema,
    responses: { 200: { description: 'The publication as it is now.', schema: publicationSchema } },
    handle: async (context, { params, body }) => {
      const { id } = await requirePublication(context, params.id);
      const changed = await updatePublication(context, id, body);
      if (changed.kind === 'slug-taken')
        throw new ApiProblem(409, 'slug-taken', describeSlugTaken(body.slug ?? '', changed));
      return { status: 200, body: publicationToJson(await requirePublication(context, id)) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/publications/{id}/archival',
    operationId: 'archivePublication',
    summary: 'Stops a publication for good. Links to unsubscribe keep working.',
    scope: 'write',
    params: byId,
    responses: { 200: { description: 'The publication as it is now.', schema: publicationSchema } },
    handle: async (context, { params }) => {
      const { id } = await requirePublication(context, params.id);
      await archivePublication(context, id);
      return { status: 200, body: publicationToJson(await requirePublication(context, id)) };
    },
  }),
];

function publicationToJson(publication: Publication): z.infer<typeof publicationSchema> {
  return publicationSchema.parse(publication);
}
