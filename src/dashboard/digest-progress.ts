import { toLedger } from '../deliveries/reads.js';
import type { DeliveryCounts } from '../deliveries/delivery.js';
import type { Digest } from '../digests/digest.js';
import type { Context } from '../platform/context.js';
import { findProgressRow } from './reads.js';

/** How far a digest is. */
export type DigestProgress = Pick<Digest, 'publicationId' | 'cadence' | 'period' | 'state' | 'sendAt'> & {
  counts: DeliveryCounts;
};

/** By one statement, so that somebody may look each second. Undefined: there is no such digest. */
export async function readProgress(
  { db }: Pick<Context, 'db'>,
  digestId: string,
): Promise<DigestProgress | undefined> {
  const row = await findProgressRow(db, digestId);
  if (row === undefined) return undefined;
  const { kept, ...digest } = row;
  return { ...digest, counts: toLedger(kept).counts };
}
