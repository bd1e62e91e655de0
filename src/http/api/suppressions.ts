import { z } from 'zod';
import { parseDomain } from '../../subscribers/address.js';
import { addressHashes } from '../../subscribers/suppression/address-hashes.js';
import {
  liftListed,
  suppressAddress,
  suppressDomain,
} from '../../subscribers/suppression/operator-changes.js';
import { listSuppressionPage, type ListedSuppression } from '../../subscribers/suppression/operator-reads.js';
import { SUPPRESSION_STRENGTH, suppressionSources } from '../../subscribers/suppression/reads.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { pageQuery, pageSchema, parsePage, toPage } from './protocol/pagination.js';
import { emailField } from './subscription-schemas.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';
import { parseEmailField } from './subscriptions.js';

const reasons = SUPPRESSION_STRENGTH;

const scopeField = publicationField.optional().meta({
  description:
    'The id or the slug of a publication. All publications where it is left out: for administrators.',
});

const noteField = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why, for whoever asks later. Addresses in it are not stored.' });

const suppressionSchema = z.object({
  id: z.uuid(),
  publication: z.string().nullable().meta({ description: 'Its slug; null: all publications.' }),
  domain: z
    .string()
    .nullable()
    .meta({ description: 'All addresses there, and none below it; null: one address.' }),
  email: z
    .string()
    .nullable()
    .meta({ description: 'Where a subscription has the address; of all others only a keyed hash is kept.' }),
  subscription: z.uuid().nullable(),
  hashPrefix: z.string().meta({ description: 'The beginning of the keyed hash, in hexadecimal.' }),
  reason: z.enum(reasons),
  source: z.enum(suppressionSources),
  since: z.date(),
  note: z.string().nullable(),
});

const addSchema = z
  .strictObject({
    publication: scopeField,
    email: emailField.optional(),
    domain: z
      .string()
      .max(255)
      .optional()
      .meta({ description: 'Instead of an address: all addresses there.' }),
    note: noteField,
  })
  .refine(({ email, domain }) => (email === undefined) !== (domain === undefined), {
    message: 'either email or domain has to be there, and not both',
    path: ['email'],
  });

/** Who is not mailed, whatever else is true. */
export const suppressionEndpoints = [
  endpoint({
    method: 'get',
    path: '/suppressions',
    operationId: 'listSuppressions',
    summary:
      'Addresses and domains that are not mailed, newest first; with `email`, what stands against that address.',
    scope: 'read',
    query: z.strictObject({
      publication: scopeField,
      reason: z.enum(reasons).optional(),
      source: z.enum(suppressionSources).optional(),
      email: emailField.optional(),
      ...pageQuery,
    }),
    responses: { 200: { description: 'A page of suppressions.', schema: pageSchema(suppressionSchema) } },
    handle: async (context, { query }) => {
      const { reason, source, email } = query;
      const page = parsePage(query);
      const filter = {
        publicationId: (await findScope(context, query.publication)) ?? undefined,
        reason,
        source,
        hashes:
          email === undefined
            ? undefined
            : addressHashes(context.hashAddress, parseEmailField(email, 400).key),
      };
      const where = { before: page.before, limit: page.limit + 1 };
      const rows = await listSuppressionPage(context.db, filter, where);
      return { status: 200, body: toPage(rows, page, suppressionToJson) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/suppressions',
    operationId: 'addSuppression',
    summary: 'Never mails an address, or any of a domain, again. A second time changes nothing.',
    scope: 'write',
    body: addSchema,
    responses: {
      200: {
        description: 'It is suppressed; `added` false: it was before, by an operator.',
        schema: z.object({ added: z.boolean() }),
      },
    },
    handle: async (context, { body }) => {
      const change = { publicationId: await findScope(context, body.publication), note: body.note };
      const { kind } =
        body.domain === undefined
          ? await suppressAddress(context, {
              ...change,
              emailKey: parseEmailField(body.email ?? '', 422).key,
            })
          : await suppressDomain(context, { ...change, domain: parseDomainField(body.domain) });
      return { status: 200, body: { added: kind === 'suppressed' } };
    },
  }),
  endpoint({
    method: 'delete',
    path: '/suppressions/{id}',
    operationId: 'liftSuppression',
    summary:
      'Lets mail go there again. What only the reader may lift stays: an erasure, and for a day what she asked for herself.',
    scope: 'write',
    params: z.object({ id: z.uuid() }),
    query: z.strictObject({ publication: scopeField, note: noteField }),
    responses: { 204: { description: 'It is lifted.' } },
    handle: async (context, { params, query }) => {
      const publicationId = await findScope(context, query.publication);
      const result = await liftListed(context, { id: params.id, publicationId, note: query.note });
      if (result === undefined)
        throw new ApiProblem(404, 'no-such-suppression', 'There is no suppression with this id here.');
      if (result.lifted.length === 0) throw notLiftable(result.readerMayUndoUntil);
      return { status: 204 };
    },
  }),
];

function notLiftable(readerMayUndoUntil: Date | null): ApiProblem {
  const why =
    readerMayUndoUntil === null
      ? 'It holds for all publications, or only the reader can end it by signing up again.'
      : `The reader asked for it herself, and only she can undo that until ${readerMayUndoUntil.toISOString()}.`;
  return new ApiProblem(409, 'not-liftable', `${why} Nothing was changed.`);
}

/** Null: all publications. */
async function findScope(
  context: Pick<ApiContext, 'db'>,
  publication: string | undefined,
): Promise<string | null> {
  return publication === undefined ? null : (await requirePublication(context, publication)).id;
}

/** @throws ApiProblem 422 */
function parseDomainField(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined)
    throw new ApiProblem(422, 'malformed-domain', 'This is no domain of mail. Nothing was changed.');
  return domain;
}

function suppressionToJson({
  address,
  subscriptionId,
  ...row
}: ListedSuppression): z.infer<typeof suppressionSchema> {
  return { ...row, email: address, subscription: subscriptionId };
}
