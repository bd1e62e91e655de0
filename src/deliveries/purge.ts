import type { Context } from '../platform/context.js';
import { forgetUnconfirmed, KEPT_UNCONFIRMED_MS } from '../subscribers/purge.js';
import { listUnconfirmed } from '../subscribers/reads.js';
import { CHUNK } from './chunks.js';
import { deleteNoticesOf } from './notice-writes.js';

/** Deletes addresses that were asked to confirm a week ago and never did, with every trace of the asking. */
export async function purgeUnconfirmed({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - KEPT_UNCONFIRMED_MS);
  for (let found = CHUNK; found === CHUNK;) {
    found = await db.transaction(async (tx) => {
      const ids = (await listUnconfirmed(tx, before, CHUNK)).map((row) => row.id);
      await deleteNoticesOf(tx, ids);
      await forgetUnconfirmed(tx, ids);
      return ids.length;
    });
  }
}
