import type { Context } from '../platform/context.js';
import type { NewPublication, SettingsChange } from './publication.js';
import { insertPublication, updateSettings, markArchived } from './writes.js';
import { findPublicationBySlug } from './reads.js';

export type CreatePublicationResult = { kind: 'created'; id: string } | { kind: 'slug-taken' };

/** Makes a publication from parsed settings; what is absent has the defaults of the table. */
export async function createPublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  settings: NewPublication,
): Promise<CreatePublicationResult> {
  const row = await db.transaction((tx) => insertPublication(tx, settings, now()));
  return row === undefined ? { kind: 'slug-taken' } : { kind: 'created', id: row.id };
}

/** Changes some settings of a publication; the next mail is made with them. */
export function updatePublication(
  { db }: Pick<Context, 'db'>,
  id: string,
  settings: SettingsChange,
): Promise<{ kind: 'changed' | 'slug-taken' }> {
  return db.transaction(async (tx) => {
    const namesake = settings.slug === undefined ? undefined : await findPublicationBySlug(tx, settings.slug);
    if (namesake !== undefined && namesake.id !== id) return { kind: 'slug-taken' };
    if (Object.keys(settings).length > 0) await updateSettings(tx, id, settings);
    return { kind: 'changed' };
  });
}

/** Stops a publication for good: nothing is released, planned or taken any more. It is never deleted. */
export async function archivePublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<void> {
  await db.transaction((tx) => markArchived(tx, id, now()));
}
