import type { Context } from '../platform/context.js';
import type { SettingsChange } from './publication.js';
import { updateSettings } from './writes.js';

/** Changes some settings of a publication; the next mail is made with them. */
export async function setPublication(
  { db }: Pick<Context, 'db'>,
  id: string,
  settings: SettingsChange,
): Promise<void> {
  if (Object.keys(settings).length > 0) await db.transaction((tx) => updateSettings(tx, id, settings));
}
