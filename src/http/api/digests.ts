import { z } from 'zod';
import { areReleased } from '../../articles/reads.js';
import { summariseDigest } from '../../dashboard/overview.js';
import { deliveryStates } from '../../deliveries/delivery.js';
import { forecast } from '../../deliveries/forecast.js';
import { listDeliveriesPage } from '../../deliveries/reads.js';
import { previewReader } from '../../deliveries/preview-reader.js';
import { sendDigest } from '../../deliveries/send-digest.js';
import type { Audience, Digest, DigestOrder } from '../../digests/digest.js';
import { sizeInWords } from '../../digests/mail-size.js';
import { findDigest, listDigestsPage, listVariants } from '../../digests/reads.js';
import { writeMail } from '../../digests/write-mail.js';
import type { Publication } from '../../publications/publication.js';
import { listOf, pageOf, pageQuery, readPage } from './cursor.js';
import { endpoint, Problem, type ApiContext } from './endpoint.js';
import { delivery, expected, forReader, request, shown } from './digest-shapes.js';
import { livePublication, namedPublication, publicationField } from './publications.js';

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
    summary:
      'Sends confirmed readers what they are due, or chosen articles, now or later; `dryRun` only says what.',
    scope: 'send',
    body: request,
    answers: {
      200: { description: 'What would be sent; nothing was.', schema: z.union([expected, forReader]) },
      201: { description: 'It is being sent.', schema: shown },
    },
    handle: async (context, { body }) => {
      const publication = await livePublication(context, body.publication);
      const { id } = publication;
      if (body.reader !== undefined || body.at !== undefined)
        return { status: 200, body: await preview(context, body) };
      const order = await orderOf(context, id, body);
      if (body.dryRun) return { status: 200, body: await expect(context, publication, order) };
      const sendAt = body.sendAt === undefined ? undefined : new Date(body.sendAt);
      const sent = await sendDigest(context, id, { ...order, sendAt });
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

async function expect(
  context: ApiContext,
  publication: Publication,
  order: DigestOrder,
): Promise<z.infer<typeof expected>> {
  const { readers, more, articleIds } = await forecast(context, publication.id, order);
  const counted = { readers, more, articles: articleIds };
  if (readers === 0) return { ...counted, subject: null, size: null };
  const date = context.now();
  const { locale } = publication;
  const mail = await writeMail(context, { publication, locale, articleIds, date, own: order });
  return { ...counted, subject: mail.subject, size: sizeInWords(mail.size) };
}

async function orderOf(
  { db }: ApiContext,
  publicationId: string,
  body: z.infer<typeof request>,
): Promise<DigestOrder> {
  const { articles, again } = body;
  const subject = body.subject ?? null;
  const note = body.note ?? null;
  if (articles?.length === 0 && (subject === null || note === null)) {
    throw new Problem(
      422,
      'invalid-request',
      'Nothing was sent. A digest without articles needs a subject and a note.',
    );
  }
  if (articles !== undefined && !(await areReleased(db, publicationId, articles))) {
    throw new Problem(
      404,
      'no-such-article',
      'Nothing was sent. All articles must be released ones of this publication.',
    );
  }
  return { subject, note, articleIds: articles ?? null, audience: readersIn(body.audience), again };
}

function readersIn(whom: z.infer<typeof request>['audience']): Audience {
  if (whom === 'confirmed') return {};
  const { cadence, locale, topics } = whom;
  return { ...(cadence && { cadence }), ...(locale && { locale }), ...(topics && { topics }) };
}

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

/** @throws Problem 404 */
export async function namedDigest({ db }: Pick<ApiContext, 'db'>, id: string): Promise<Digest> {
  const digest = await findDigest(db, id);
  if (digest === undefined) throw new Problem(404, 'no-such-digest', 'There is no digest with this id.');
  return digest;
}

/** A digest as the API shows it. */
export async function show(context: ApiContext, digest: Digest): Promise<z.infer<typeof shown>> {
  const [longest] = await listVariants(context.db, digest.id);
  const summary = await summariseDigest(context, digest);
  return shown.parse({
    ...summary,
    publication: digest.publicationId,
    subject: summary.subject ?? null,
    articles: longest?.articleIds ?? [],
  });
}
