import type { Tx } from '../platform/db/database.js';
import { extendLifetime } from './control-writes.js';
import { LIFETIME_MS } from './digest.js';
import { reopenDigest } from './writes.js';

/** Something of it is to be sent again: closed -> sending, and as long to live as a new one. A paused one stays paused. */
export async function sendAgain(tx: Tx, id: string, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await reopenDigest(tx, id, expiresAt);
  await extendLifetime(tx, id, expiresAt);
}
