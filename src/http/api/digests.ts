import { z } from 'zod';
import { summariseDigest } from '../../dashboard/overview.js';
import { deliveryStates } from '../../deliveries/delivery.js';
import { forecast } from '../../deliveries/forecast.js';
import { listDeliveriesPage } from '../../deliveries/reads.js';
import { previewReader } from '../../deliveries/preview-reader.js';
import { sendDigest } from '../../deliveries/send-digest.js';
import type { Digest } from '../../digests/digest.js';
import { findDigest, listDigestsPage, listVariants } from '../../digests/reads.js';
import { listOf, pageOf, pageQuery, readPage } from './cursor.js';
import { endpoint, Problem, type ApiContext } from './endpoint.js';
import { livePublication, namedPublication, publicationField } from './publications.js';

const count = z.int().min(0);

const shown = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  state: z.enum(['draft', 'held', 'approved', 'sending', 'paused', 'closed', 'cancelled']),
  cadence: z.enum(['instant', 'daily', 'weekly', 'monthly', 'operator']),
  period: z.string(),
  subject: z.string().nullable().meta({ description: 'Null until the first mail of it was rendered.' }),
  articles: z.array(z.uuid()).meta({ description: 'The longest list that any reader gets.' }),
  counts: z.object({
    planned: count,
    queued: count,
    sending: count,
    accepted: count,
    deferred: count,
    rejected: count,
    uncertain: count,
    skipped: count,
  }),
  createdAt: z.date(),
});

const expected = z.object({
  readers: count,
  more: z.boolean().meta({ description: 'Counting stopped: there are at least this many.' }),
  articles: z.array(z.uuid()),
});

const forReader = z.object({
  reader: z.object({ id: z.uuid(), status: z.string() }),
  at: z.date(),
  mailings: z.array(z.object({ cadence: z.string(), period: z.string(), articles: z.array(z.uuid()) })),
  nextDueAt: z.date().nullable(),
  why: z.string(),
});

const delivery = z.object({
  subscription: z.uuid(),
  state: z.enum(deliveryStates),
  attempt: z.int(),
  answer: z.string().nullable(),
  nextAttemptAt: z.date().nullable(),
  updatedAt: z.date(),
});

const request = z
  .strictObject({
    publication: publicationField,
    dryRun: z.boolean().default(false),
    reader: z
      .string()
      .max(254)
      .optional()
      .meta({ description: 'With `dryRun`: what this address gets, and why.' }),
    at: z.iso.datetime({ offset: true }).optional().meta({ description: 'With `reader`: at this moment.' }),
  })
  .meta({
    dependentRequired: { at: ['reader'], reader: ['dryRun'] },
    if: { required: ['reader'] },
    // oxlint-disable-next-line unicorn/no-thenable
    then: { properties: { dryRun: { const: true } } },
  });

const byId = z.object({ id: z.uuid() });

export const digestEndpoints = [
  endpoint({
    method: 'get',
    path: '/digests',
    operationId: 'listDigests',
    summary: 'Digests of a publication with their ledgers, newest first.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField, ...pageQuery }),
    answers: { 200: { description: 'A page of digests.', schema: listOf(shown) } },
    handle: async (context, { query }) => {
      const { id } = await namedPublication(context, query.publication);
      const page = readPage(query);
      const digests = await listDigestsPage(context.db, id, page.before, page.limit + 1);
      const { data, nextCursor } = pageOf(digests, page, (digest) => digest);
      return {
        status: 200,
        body: { data: await Promise.all(data.map((digest) => show(context, digest))), nextCursor },
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/digests',
    operationId: 'createDigest',
    summary: 'Sends every confirmed reader what she is due, now; or, with `dryRun`, says what that would be.',
    scope: 'send',
    body: request,
    answers: {
      200: { description: 'What would be sent; nothing was.', schema: z.union([expected, forReader]) },
      201: { description: 'It is being sent.', schema: shown },
    },
    handle: async (context, { body }) => {
      const { id } = await livePublication(context, body.publication);
      if (body.reader !== undefined || body.at !== undefined)
        return { status: 200, body: await preview(context, body) };
      if (body.dryRun) {
        const { readers, more, articleIds: articles } = await forecast(context, id);
        return { status: 200, body: { readers, more, articles } };
      }
      const sent = await sendDigest(context, id);
      if (sent.kind === 'nobody-due') {
        throw new Problem(409, 'nobody-due', 'Nobody is due anything. No digest was made.');
      }
      return { status: 201, body: await show(context, await namedDigest(context, sent.digestId)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/digests/{id}',
    operationId: 'showDigest',
    summary: 'One digest and its ledger.',
    scope: 'read',
    params: byId,
    answers: { 200: { description: 'The digest.', schema: shown } },
    handle: async (context, { params }) => ({
      status: 200,
      body: await show(context, await namedDigest(context, params.id)),
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
    answers: { 200: { description: 'A page of deliveries.', schema: listOf(delivery) } },
    handle: async (context, { params, query }) => {
      const { id: digestId } = await namedDigest(context, params.id);
      const page = readPage(query);
      const where = { digestId, state: query.state, before: page.before, limit: page.limit + 1 };
      const rows = await listDeliveriesPage(context.db, where);
      return {
        status: 200,
        body: pageOf(rows, page, ({ id, ...row }) => delivery.parse({ ...row, subscription: id })),
      };
    },
  }),
];

async function preview(
  context: ApiContext,
  body: { publication: string; dryRun: boolean; reader?: string | undefined; at?: string | undefined },
): Promise<z.infer<typeof forReader>> {
  if (!body.dryRun || body.reader === undefined) {
    throw new Problem(
      422,
      'invalid-request',
      'Nothing was sent. `reader` and `at` ask for a preview: add `dryRun`.',
    );
  }
  const publication = await namedPublication(context, body.publication);
  const at = body.at === undefined ? undefined : new Date(body.at);
  const found = await previewReader(context, publication, body.reader, at);
  if (found === undefined)
    throw new Problem(404, 'no-such-subscription', 'This address has no subscription here.');
  const mailings = found.mailings.map(({ articles, ...rest }) => ({
    ...rest,
    articles: articles.map(({ id }) => id),
  }));
  return forReader.parse({ ...found, mailings });
}

async function namedDigest({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Digest> {
  const digest = await findDigest(db, id);
  if (digest === undefined) throw new Problem(404, 'no-such-digest', 'There is no digest with this id.');
  return digest;
}

async function show(context: ApiContext, digest: Digest): Promise<z.infer<typeof shown>> {
  const [longest] = await listVariants(context.db, digest.id);
  const summary = await summariseDigest(context, digest);
  return shown.parse({
    ...summary,
    publication: digest.publicationId,
    subject: summary.subject ?? null,
    articles: longest?.articleIds ?? [],
  });
}
