import type { Tx } from '../../platform/db/database.js';
import { listSuppressedOf, listSuppressedReaders } from '../../subscribers/suppression/reads.js';

/** Of these readers of one publication those whose address, or its domain, is not mailed. */
export type FindSuppressed = (tx: Tx, subscriptionIds: readonly string[]) => Promise<readonly string[]>;

/** From so many readers at once on, reading all suppressed ones once takes less than asking for each of every chunk. */
const MANY_READERS = 500;
/** Ids held while a pass lasts; where more are suppressed, each reader is asked for. */
const MAX_HELD = 200_000;

/** For one planning pass. Who is suppressed while it lasts is skipped when her mail is about to be sent. */
export function createSuppressedFinder(publicationId: string): FindSuppressed {
  let held: ReadonlySet<string> | 'too-many' | undefined;
  return async (tx, subscriptionIds) => {
    if (held === undefined && subscriptionIds.length >= MANY_READERS) {
      const rows = await listSuppressedOf(tx, publicationId, MAX_HELD + 1);
      held = rows.length > MAX_HELD ? 'too-many' : new Set(rows.map(({ id }) => id));
    }
    if (held instanceof Set) return subscriptionIds.filter((id) => (held as ReadonlySet<string>).has(id));
    return (await listSuppressedReaders(tx, subscriptionIds)).map(({ id }) => id);
  };
}
