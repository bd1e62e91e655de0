import { z } from 'zod';
import { exportFormats, type PreparedExport } from '../../exports/export.js';
import { sealSuppressionKey } from '../../exports/export-jsonl.js';
import { prepareExport, readPreparedExport } from '../../exports/prepared-export.js';
import { findExport } from '../../exports/reads.js';
import { MAX_PASSPHRASE_LENGTH, MIN_PASSPHRASE_LENGTH } from '../../platform/crypto/passphrase-box.js';
import { statesIn } from '../../platform/db/transitions.js';
import { looseLineSchema } from '../../platform/text/safe-text.js';
import { languageSchema } from '../../publications/place-schemas.js';
import { cadences } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { SUBSCRIPTION_TRANSITIONS } from '../../subscribers/transitions.js';
import { ApiProblem } from '../errors/problem.js';
import { endpoint, type ApiContext } from './protocol/endpoint.js';
import { StreamedBody } from './protocol/streamed-body.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';

const byId = z.object({ id: z.uuid() });

const createExportSchema = z.strictObject({
  publication: publicationField,
  format: z.enum(exportFormats).default('jsonl'),
  status: z
    .enum(statesIn(SUBSCRIPTION_TRANSITIONS))
    .optional()
    .meta({ description: 'Left out: all but those who have not confirmed.' }),
  cadence: z.enum(cadences).optional(),
  topic: looseLineSchema(60).optional(),
  locale: languageSchema.optional(),
  passphrase: z.string().min(MIN_PASSPHRASE_LENGTH).max(MAX_PASSPHRASE_LENGTH).optional().meta({
    description:
      'Of `jsonl`: seals the key of the hashes of suppressions. It is not stored. Without it those that are known by a hash alone are left out.',
  }),
});

const exportSchema = z.object({
  id: z.uuid(),
  publication: z.uuid(),
  format: z.enum(exportFormats),
  state: z.enum(['ready', 'running', 'done', 'broken-off']),
  readers: z.int().meta({ description: 'So many went out the last time that the file was read.' }),
  file: z.string().meta({ description: 'Where the file is, for a day; it is made while it is read.' }),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});

export const exportEndpoints = [
  endpoint({
    method: 'post',
    path: '/exports',
    operationId: 'createExport',
    summary: 'Prepares a file of readers; `file` of the answer is where it is read.',
    scope: 'write',
    body: createExportSchema,
    responses: { 201: { description: 'The export.', schema: exportSchema } },
    handle: async (context, { body }) => {
      const { format, passphrase, publication: named, ...filter } = body;
      const publication = await requirePublication(context, named);
      const suppressionKey =
        passphrase === undefined || format === 'csv' ? null : await sealSuppressionKey(context, passphrase);
      const asked = { publicationId: publication.id, format, filter, suppressionKey };
      const { id } = await prepareExport(context, asked);
      return { status: 201, body: exportToJson(context, await requireExport(context, id)) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/exports/{id}',
    operationId: 'showExport',
    summary: 'How far an export is.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The export.', schema: exportSchema } },
    handle: async (context, { params }) => ({
      status: 200,
      body: exportToJson(context, await requireExport(context, params.id)),
    }),
  }),
  endpoint({
    method: 'get',
    path: '/exports/{id}/file',
    operationId: 'downloadExport',
    summary:
      'The file of an export: CSV, or JSON Lines, of which one is whole whose last line has the type `end`.',
    scope: 'read',
    params: byId,
    responses: { 200: { description: 'The file, as text/csv or application/jsonl.' } },
    handle: async (context, { params }) => {
      const prepared = await requireExport(context, params.id);
      const publication = await findPublication(context.db, prepared.publicationId);
      if (publication === undefined) throw noSuchExport();
      const file = {
        type: prepared.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
        name: `${publication.slug}-readers.${prepared.format}`,
      };
      return {
        status: 200,
        body: new StreamedBody(file, readPreparedExport(context, publication, prepared)),
      };
    },
  }),
];

async function requireExport({ db }: Pick<ApiContext, 'db'>, id: string): Promise<PreparedExport> {
  const found = await findExport(db, id);
  if (found === undefined) throw noSuchExport();
  return found;
}

function noSuchExport(): ApiProblem {
  return new ApiProblem(404, 'no-such-export', 'There is no export with this id. One is kept for a day.');
}

function exportToJson(
  { publicUrl }: Pick<ApiContext, 'publicUrl'>,
  { publicationId: publication, ...row }: PreparedExport,
): z.infer<typeof exportSchema> {
  return exportSchema.parse({ ...row, publication, file: `${publicUrl}/api/v1/exports/${row.id}/file` });
}
