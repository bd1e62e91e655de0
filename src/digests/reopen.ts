import type { Tx } from '../platform/db/database.js';
import { extendLifetime } from './transition-writes.js';
import { DIGEST_LIFETIME_MS } from './digest.js';
import { reopenClosed } from './writes.js';

/** Something of it is to be sent again: closed -> sending, and as long to live as a new one. A paused one stays paused. */
export async function reopenForResend(tx: Tx, id: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + DIGEST_LIFETIME_MS);
  await reopenClosed(tx, id, expiresAt);
  await extendLifetime(tx, id, expiresAt);
}
