import { z } from 'zod';
import { listFailedRows } from '../../deliveries/alerts/reads.js';
import { failedRowKinds, type FailedRow } from '../../platform/jobs/failed-rows.js';
import { endpoint } from './protocol/endpoint.js';
import { publicationField } from './publication-schemas.js';
import { requirePublication } from './publications.js';

const failedRowSchema = z.object({
  kind: z.enum(failedRowKinds),
  id: z
    .uuid()
    .meta({ description: 'Of the subscription, article, feed, notice, sign-up, digest or publication.' }),
  publication: z.uuid(),
  operation: z
    .string()
    .meta({ description: 'The job that could not process it, `compose` or `decide-hold`.' }),
  code: z
    .string()
    .meta({ description: 'A SQLSTATE, or the name of the error; the log has where it was thrown.' }),
  failures: z.int().meta({ description: 'How often it has failed in a row.' }),
  failingSince: z.date(),
  failedAt: z.date(),
  retryAt: z.date().nullable().meta({ description: 'Null: it is not tried again by itself.' }),
});

const MAX_ROWS = 100;

export const failedRowEndpoints = [
  endpoint({
    method: 'get',
    path: '/failed-rows',
    operationId: 'listFailedRows',
    summary: 'What could not be processed and is left out, the longest first; at most 100.',
    scope: 'read',
    query: z.strictObject({ publication: publicationField }),
    responses: {
      200: { description: 'All of them, or 100.', schema: z.object({ data: z.array(failedRowSchema) }) },
    },
    handle: async ({ db }, { query }) => {
      const { id: publicationId } = await requirePublication({ db }, query.publication);
      const rows = await listFailedRows(db, { publicationId, limit: MAX_ROWS });
      return { status: 200, body: { data: rows.map(failedRowToJson) } };
    },
  }),
];

function failedRowToJson({ rowId, publicationId, ...row }: FailedRow): z.infer<typeof failedRowSchema> {
  return failedRowSchema.parse({ ...row, id: rowId, publication: publicationId });
}
