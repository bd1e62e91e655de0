import type { Digest } from '../../digests/digest.js';
import { findHoldReasons } from '../../digests/open/hold-rules.js';
import { holdApproved } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { forecastDigest } from './forecast.js';

/**
 * approved -> held, for an operator's digest that the hold rules stop, for example for want of a postal address. Its order
 * was an approval and chose its audience, so the other rules do not apply; approved once more, it is not held again.
 */
export async function holdOperatorDigest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  digest: Digest,
  { id, postalAddress }: Publication,
): Promise<boolean> {
  const { readers } = await forecastDigest({ db }, id, digest);
  const holdReasons = findHoldReasons({ approval: false, postalAddress }, readers, undefined);
  if (holdReasons.length === 0) return false;
  await db.transaction((tx) => holdApproved(tx, digest.id, { holdReasons, readers }, now()));
  return true;
}
