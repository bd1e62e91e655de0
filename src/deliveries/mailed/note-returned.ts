import type { Tx } from '../../platform/db/database.js';
import { addToDigestReturns, noteBouncedReaders, type BouncedReader, type DigestReturns } from './writes.js';

export type { BouncedReader };

/** Notes what came back of accepted digests, for the alert that much does and for the list of readers. Again, and in any order. */
export async function noteReturned(
  tx: Tx,
  { returns, bounced }: { returns: readonly DigestReturns[]; bounced: readonly BouncedReader[] },
  now: Date,
): Promise<void> {
  if (returns.length > 0) await addToDigestReturns(tx, returns, now);
  if (bounced.length > 0) await noteBouncedReaders(tx, bounced);
}
