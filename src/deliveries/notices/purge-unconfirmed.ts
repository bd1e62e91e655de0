import type { Context } from '../../platform/context.js';
import { CHUNK_SIZE } from '../chunks.js';
import { deleteNoticesOf } from './writes.js';
import { deleteUnconfirmedSubscriptions, UNCONFIRMED_RETENTION_MS } from '../../subscribers/erase/purge.js';
import { listUnconfirmed } from '../../subscribers/erase/reads.js';

/** Deletes subscriptions that were never confirmed within a week, with their notices and sign-up requests. */
export async function purgeUnconfirmed({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - UNCONFIRMED_RETENTION_MS);
  for (let found = CHUNK_SIZE; found === CHUNK_SIZE;) {
    found = await db.transaction(async (tx) => {
      const ids = (await listUnconfirmed(tx, before, CHUNK_SIZE)).map((row) => row.id);
      await deleteNoticesOf(tx, ids);
      await deleteUnconfirmedSubscriptions(tx, ids);
      return ids.length;
    });
  }
}
