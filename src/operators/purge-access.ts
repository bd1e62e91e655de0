import type { Context } from '../platform/context.js';
import { deleteOldIdempotencyKeys, deleteExpiredEntryLinks } from './access-writes.js';

const DAY_MS = 24 * 3600 * 1000;
const MINUTE_MS = 60_000;

/** Deletes entry links whose time is over, and answers to Idempotency-Keys after a day. */
export async function purgeAccess({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = (age: number) => new Date(now().getTime() - age);
  await db.transaction(async (tx) => {
    await deleteExpiredEntryLinks(tx, now());
    await deleteOldIdempotencyKeys(tx, before(DAY_MS), before(5 * MINUTE_MS));
  });
}
