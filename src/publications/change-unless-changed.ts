import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../platform/context.js';
import { joinTransaction } from '../platform/db/join-transaction.js';
import { updatePublication, type SlugTaken } from './change-publication.js';
import type { Publication, SettingsChange } from './publication.js';
import { lockPublication } from './reads.js';

export type ChangeUnlessChangedResult =
  | { kind: 'changed' }
  | SlugTaken
  /** Somebody else was quicker; nothing was changed. `publication`: as it is now. */
  | { kind: 'changed-meanwhile'; publication: Publication };

/**
 * Changes settings of a publication unless one of these has another value by now than the caller has seen.
 * @param seen the publication as it was when the change was decided
 */
export function changeUnlessChanged(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  seen: Publication,
  settings: SettingsChange,
): Promise<ChangeUnlessChangedResult> {
  return context.db.transaction(async (tx) => {
    const publication = await lockPublication(tx, seen.id);
    if (publication === undefined) throw new Error(`There is no publication ${seen.id}`);
    const names = Object.keys(settings) as (keyof SettingsChange)[];
    if (names.some((name) => !isDeepStrictEqual(publication[name], seen[name])))
      return { kind: 'changed-meanwhile', publication };
    return updatePublication({ ...context, db: joinTransaction(context.db, tx) }, seen.id, settings);
  });
}
