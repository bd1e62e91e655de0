import type { Context } from '../platform/context.js';
import { deleteOldLinks } from './writes.js';

/** Deletes entry links whose time is over. */
export async function purgeLinks({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  await db.transaction((tx) => deleteOldLinks(tx, now()));
}
