import { z } from 'zod';
import {
  createPublication,
  updatePublication,
  archivePublication,
} from '../../publications/change-publication.js';
import { cadences, settingsSchema, type Publication } from '../../publications/publication.js';
import { findPublication, findPublicationBySlug, listPublicationsPage } from '../../publications/reads.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';

const publicationSchema = z.object({
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
  holdMinutes: z.int(),
  contentMode: z.enum(['summary', 'full']),
  archive: z.enum(['public', 'unlisted', 'off']),
  approval: z.boolean(),
  accent: z.string().nullable(),
  logo: z.string().nullable(),
  privacyUrl: z.string().nullable(),
  evidenceDays: z.int(),
  createdAt: z.date(),
  archivedAt: z.date().nullable(),
});

/** The command line sends these settings as text; in the API they are numbers, lists and booleans. */
const { hour, weekday, dayOfMonth, holdMinutes, topics, approval, timezone, evidenceDays } =
  settingsSchema.shape;
const apiSettingsSchema = settingsSchema.extend({
  hour: hour.out,
  weekday: weekday.out,
  dayOfMonth: dayOfMonth.out,
  holdMinutes: holdMinutes.out,
  evidenceDays: evidenceDays.out,
  topics: topics.out,
  approval: approval.out,
  timezone: timezone.meta({ format: 'iana-time-zone' }),
});
const changeBodySchema = apiSettingsSchema.partial();
const createBodySchema = changeBodySchema.required({
  slug: true,
  name: true,
  siteUrl: true,
  fromAddress: true,
});

const byId = z.object({ id: z.string().min(1).max(63).meta({ description: 'The id or the slug.' }) });

/**
 * The publication a request names by id or slug.
 * @throws ApiProblem 404
 */
export async function requirePublication({ db }: Pick<ApiContext, 'db'>, name: string): Promise<Publication> {
  const found = z.uuid().safeParse(name).success
    ? await findPublication(db, name)
    : await findPublicationBySlug(db, name);
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

export const publicationField = z
  .string()
  .min(1)
  .max(63)
  .meta({ description: 'The id or the slug of a publication.' });

export const publicationEndpoints = [
  endpoint({
    method: 'get',
    path: '/publications',
    operationId: 'listPublications',
    summary: 'All publications, newest first; archived ones too.',
    scope: 'read',
    query: z.strictObject(pageQuery),
    responses: { 200: { description: 'A page of publications.', schema: pageSchema(publicationSchema) } },
    handle: async ({ db }, { query }) => {
      const page = parsePage(query);
      return {
        status: 200,
        body: toPage(await listPublicationsPage(db, page.before, page.limit + 1), page, publicationToJson),
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/publications',
    operationId: 'createPublication',
    summary: 'Makes a publication.',
    scope: 'write',
    body: createBodySchema,
    responses: { 201: { description: 'It is made.', schema: publicationSchema } },
    handle: async (context, { body }) => {
      const created = await createPublication(context, body);
      if (created.kind === 'slug-taken') {
        throw new ApiProblem(409, 'slug-taken', `There is a publication "${body.slug}" already.`);
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
    summary: 'Changes settings; mails made from now on use them.',
    scope: 'write',
    params: byId,
    body: changeBodySchema,
    responses: { 200: { description: 'The publication as it is now.', schema: publicationSchema } },
    handle: async (context, { params, body }) => {
      const { id } = await requirePublication(context, params.id);
      const changed = await updatePublication(context, id, body);
      if (changed.kind === 'slug-taken')
        throw new ApiProblem(409, 'slug-taken', `There is a publication "${body.slug}" already.`);
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
