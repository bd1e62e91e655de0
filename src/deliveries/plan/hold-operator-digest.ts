import type { Digest } from '../../digests/digest.js';
import { digestHoldReason } from '../../digests/open/hold-rules.js';
import { holdDigest } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { forecastDigest } from './forecast.js';

/**
 * approved -> held, for an operator's digest that must not go to many as it is. To order it was to approve it, and its
 * audience is what she chose; once more approved, it is not asked about again.
 */
export async function holdOperatorDigest(
  { db }: Pick<Context, 'db'>,
  digest: Digest,
  { id, postalAddress }: Publication,
): Promise<boolean> {
  const { readers } = await forecastDigest({ db }, id, digest);
  const reason = digestHoldReason({ approval: false, postalAddress }, readers, undefined);
  if (reason === undefined) return false;
  await db.transaction((tx) => holdDigest(tx, digest.id, reason));
  return true;
}
