import type { Tx } from '../platform/db/database.js';
import { ASKED_WINDOW_MS, mayAsk } from './asking.js';
import { listAsked } from './request-reads.js';
import { insertAsked, lockAsked } from './request-writes.js';

/**
 * Counts one more mail to an address that has not clicked, whatever it is about, if it may have one. Whoever counts for the
 * same address meanwhile waits until this transaction ends: of two, one may be one too many.
 */
export async function countMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<'counted' | 'capped'> {
  await takeTurns(tx, addressHash);
  const asked = await listAsked(tx, addressHash, new Date(now.getTime() - ASKED_WINDOW_MS));
  if (!mayAsk(asked, publicationId, now)) return 'capped';
  await insertAsked(tx, addressHash, publicationId, now);
  return 'counted';
}

/** Whoever counts and locks a subscription too does this first: in one order nobody waits for ever. */
export async function takeTurns(tx: Tx, addressHash: Buffer): Promise<void> {
  await lockAsked(tx, addressHash);
}
