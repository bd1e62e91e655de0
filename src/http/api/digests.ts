import { z } from 'zod';
import { summariseAll } from '../../dashboard/overview.js';
import { listBatchesToSearch } from '../../deliveries/batches-to-search.js';
import { deliveryStates } from '../../deliveries/delivery.js';
import { listDeliveriesPage } from '../../deliveries/reads.js';
import { describeAnswer } from '../../deliveries/skip-reason.js';
import { NOT_LIVE, sendOperatorDigest } from '../../deliveries/plan/operator-digest.js';
import type { Digest } from '../../digests/digest.js';
import { findDigest, listDigestsPage, listLongestLists } from '../../digests/reads.js';
import { pageSchema, toPage, pageQuery, parsePage } from './protocol/pagination.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { forecastResponse, previewForReader } from './digest-dry-run.js';
import { readOrder, readSendAt } from './digest-order.js';
import {
  deliverySchema,
  forecastSchema,
  readerPreviewSchema,
  createDigestSchema,
  digestSchema,
} from './digest-schemas.js';
import { publicationField } from './publication-schemas.js';
import { requireActivePublication, requirePublication } from './publications.js';

const byId = z.object({ id: z.uuid() });

export const digestEndpoints = [
  endpoint({
    method: 'get',
    path: '/digests',
    operationId: 'listDigests',
    summary: 'Digests of a publication with their ledgers, newest first.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    responses: { 200: { description: 'A page of digests.', schema: pageSchema(digestSchema) } },
    handle: async (context, { query }) => {
      const { id } = await requirePublication(context, query.publication);
      const page = parsePage(query);
      const digests = await listDigestsPage(context.db, id, page.before, page.limit + 1);
      const { data, nextCursor } = toPage(digests, page, (digest) => digest);
      return {
        status: 200,
        body: { data: await digestsToJson(context, data), nextCursor },
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/digests',
    operationId: 'createDigest',
    summary:
      'Sends confirmed readers what they are due, or chosen articles, now or later; `dryRun` only says what.',
    scope: 'send',
    body: createDigestSchema,
    responses: {
      200: {
        description: 'What would be sent; nothing was.',
        schema: z.union([forecastSchema, readerPreviewSchema]),
      },
      201: { description: 'It is being sent.', schema: digestSchema },
    },
    handle: async (context, { body }) => {
      const publication = await requireActivePublication(context, body.publication);
      const { id } = publication;
      if (body.reader !== undefined || body.at !== undefined)
        return { status: 200, body: await previewForReader(context, body) };
      const sendAt = readSendAt(body.sendAt, context.now());
      const order = await readOrder(context, id, body);
      if (body.dryRun) return { status: 200, body: await forecastResponse(context, publication, order) };
      const sent = await sendOperatorDigest(context, id, { ...order, sendAt });
      if (sent.kind === 'nobody-due') {
        throw new ApiProblem(409, 'nobody-due', 'Nobody is due anything. No digest was made.');
      }
      if (sent.kind === 'not-live') throw new ApiProblem(409, 'publication-not-live', NOT_LIVE);
      return { status: 201, body: await digestToJson(context, await requireDigest(context, sent.digestId)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/digests/{id}',
    operationId: 'showDigest',
    summary: 'One digest and its ledger.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The digest.', schema: digestSchema } },
    handle: async (context, { params }) => ({
      status: 200,
      body: await digestToJson(context, await requireDigest(context, params.id)),
    }),
  }),
  endpoint({
    method: 'get',
    path: '/digests/{id}/deliveries',
    operationId: 'listDeliveries',
    summary: 'Who gets this digest, and what became of each mail.',
    scope: 'read',
    params: byId,
    query: z.strictObject({ state: z.enum(deliveryStates).optional(), ...pageQuery }),
    responses: { 200: { description: 'A page of deliveries.', schema: pageSchema(deliverySchema) } },
    handle: async (context, { params, query }) => {
      const { id: digestId } = await requireDigest(context, params.id);
      const page = parsePage(query);
      const where = { digestId, before: page.before, limit: page.limit + 1 };
      const { state } = query;
      const batches = state && (await listBatchesToSearch(context.db, { ...where, state }));
      const rows = await listDeliveriesPage(context.db, { ...where, state, batches });
      return {
        status: 200,
        body: toPage(rows, page, ({ id, ...row }) =>
          deliverySchema.parse({ ...row, answer: describeAnswer(row), subscription: id }),
        ),
      };
    },
  }),
];

/** @throws ApiProblem 404 */
export async function requireDigest({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Digest> {
  const digest = await findDigest(db, id);
  if (digest === undefined) throw new ApiProblem(404, 'no-such-digest', 'There is no digest with this id.');
  return digest;
}

type DigestJson = z.infer<typeof digestSchema>;

/** A digest as the API shows it. */
export async function digestToJson(context: ApiContext, digest: Digest): Promise<DigestJson> {
  const [json] = await digestsToJson(context, [digest]);
  if (json === undefined) throw new Error('A digest was not described');
  return json;
}

/** Digests of one publication. */
async function digestsToJson(context: ApiContext, digests: readonly Digest[]): Promise<DigestJson[]> {
  const longest = await listLongestLists(
    context.db,
    digests.map(({ id }) => id),
  );
  const summaries = await summariseAll(context, digests);
  return digests.map(({ id, publicationId }, at) =>
    digestSchema.parse({
      ...summaries[at],
      publication: publicationId,
      subject: summaries[at]?.subject ?? null,
      articles: longest.get(id) ?? [],
    }),
  );
}
