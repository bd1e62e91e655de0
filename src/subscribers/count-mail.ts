import type { Tx } from '../platform/db/database.js';
import { ASKED_WINDOW_MS, mayAsk } from './asking.js';
import { listAsked } from './request-reads.js';
import { insertAsked } from './request-writes.js';

/**
 * Counts one more mail to an address that has not clicked, whatever it is about, if it may have one.
 * Of two at once for one address both may pass: the caller holds a row that makes them take turns.
 */
export async function countMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<'counted' | 'capped'> {
  const asked = await listAsked(tx, addressHash, new Date(now.getTime() - ASKED_WINDOW_MS));
  if (!mayAsk(asked, publicationId, now)) return 'capped';
  await insertAsked(tx, addressHash, publicationId, now);
  return 'counted';
}
