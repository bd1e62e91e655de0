import type { Tx } from '../../platform/db/database.js';
import type { Recipient } from '../reads.js';
import { setFirstDigest } from './reader-writes.js';

/** A digest is about to be sent to these readers: to whom of them it is the first since she was brought, it says so at its top. */
export async function noteFirstDigest(
  tx: Tx,
  digestId: string,
  readers: readonly Pick<Recipient, 'id' | 'brought'>[],
): Promise<void> {
  const first = readers.filter(({ brought }) => brought !== null && brought.firstDigestId === null);
  if (first.length > 0)
    await setFirstDigest(
      tx,
      digestId,
      first.map(({ id }) => id),
    );
}
