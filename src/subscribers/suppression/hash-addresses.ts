import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { lockUnhashedSubscribers, storeAddressHashes } from './hash-writes.js';

const CHUNK_SIZE = 2000;

/**
 * Stores the keyed hash of addresses beside them, by which SQL finds out who is suppressed. Sending does not rely on it: it makes the
 * hash anew.
 */
export async function hashAddresses({
  db,
  hashAddress,
  stopping,
}: Pick<Context, 'db' | 'hashAddress' | 'stopping'>): Promise<void> {
  let found = CHUNK_SIZE;
  while (found === CHUNK_SIZE && !stopping.aborted)
    found = await db.transaction((tx) => hashChunk(tx, hashAddress));
}

async function hashChunk(tx: Tx, hashAddress: Context['hashAddress']): Promise<number> {
  const rows = await lockUnhashedSubscribers(tx, CHUNK_SIZE);
  if (rows.length > 0)
    await storeAddressHashes(
      tx,
      rows.map(({ id, emailKey }) => ({ id, addressHash: hashAddress(emailKey) })),
    );
  return rows.length;
}
