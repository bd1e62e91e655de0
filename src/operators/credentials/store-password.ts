import type { Tx } from '../../platform/db/database.js';
import { upsertPassword } from './writes.js';

/** Writes a password's hash, for who accepts an invitation or follows a link to her account. */
export async function storePassword(tx: Tx, operatorId: string, hash: string, now: Date): Promise<void> {
  await upsertPassword(tx, operatorId, hash, now);
}
