import type { Context } from '../platform/context.js';
import { markArchived } from './writes.js';

/** Stops a publication for good: nothing is released, planned or taken any more. It is never deleted. */
export async function archivePublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<void> {
  await db.transaction((tx) => markArchived(tx, id, now()));
}
