import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import { deleteOldIdempotencyKeys, deleteExpiredEntryLinks, deleteExpiredSessions } from './access-writes.js';

/** Deletes expired entry links and sessions, and responses to Idempotency-Keys after a day. */
export async function purgeAccess({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await db.transaction(async (tx) => {
    await deleteExpiredEntryLinks(tx, now());
    await deleteExpiredSessions(tx, now());
    await deleteOldIdempotencyKeys(tx, before(DAY_MS));
  });
}
