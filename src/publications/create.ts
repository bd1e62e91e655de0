import type { Context } from '../platform/context.js';
import type { NewPublication } from './publication.js';
import { insertPublication } from './writes.js';

export type CreatePublicationResult = { kind: 'created'; id: string } | { kind: 'slug-taken' };

/** Makes a publication from parsed settings; what is absent has the defaults of the table. */
export async function createPublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  settings: NewPublication,
): Promise<CreatePublicationResult> {
  const row = await db.transaction((tx) => insertPublication(tx, settings, now()));
  return row === undefined ? { kind: 'slug-taken' } : { kind: 'created', id: row.id };
}
