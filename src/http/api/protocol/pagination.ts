import { z } from 'zod';
import { ApiProblem } from '../../errors/problem.js';

const MAX_PAGE_SIZE = 100;

/** The query of a list: newest first, paged by keyset, so that page 10,000 costs as much as page 1. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE_SIZE)
    .default(20)
    .meta({ description: 'How many at most.' }),
  cursor: z
    .string()
    .max(200)
    .meta({ format: 'cursor', description: '`nextCursor` of the page before.' })
    .optional(),
};

export type Page = { before: string | undefined; limit: number };

/** @throws ApiProblem 400 for a cursor that we did not make */
export function parsePage({ limit, cursor }: { limit: number; cursor?: string | undefined }): Page {
  if (cursor === undefined) return { before: undefined, limit };
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!z.uuid().safeParse(id).success) {
    throw new ApiProblem(
      400,
      'bad-cursor',
      'This cursor is not one that a list of ours gave out. Start without one.',
    );
  }
  return { before: id, limit };
}

/** @param rows one more than the page holds, where there are as many: then there is a next page */
export function toPage<Row extends { id: string }, Shown>(
  rows: readonly Row[],
  { limit }: Page,
  show: (row: Row) => Shown,
): { data: Shown[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(show), nextCursor: last ? Buffer.from(last.id).toString('base64url') : null };
}

export function pageSchema(item: z.ZodType) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}
