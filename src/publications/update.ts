import type { Context } from '../platform/context.js';
import type { SettingsChange } from './publication.js';
import { findPublicationBySlug } from './reads.js';
import { updateSettings } from './writes.js';

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
