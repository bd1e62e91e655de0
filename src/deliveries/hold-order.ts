import type { Digest } from '../digests/digest.js';
import { whyHold } from '../digests/guards.js';
import { holdOrdered } from '../digests/hold.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { forecast } from './forecast.js';

/**
 * approved -> held, for an operator's digest that must not go to many as it is. To order it was to approve it, and its
 * audience is what she chose; once more approved, it is not asked about again.
 */
export async function holdOrder(
  { db }: Pick<Context, 'db'>,
  digest: Digest,
  { id, postalAddress }: Publication,
): Promise<boolean> {
  const { readers } = await forecast({ db }, id, digest);
  const reason = whyHold({ approval: false, postalAddress }, readers, undefined);
  if (reason === undefined) return false;
  await db.transaction((tx) => holdOrdered(tx, digest.id, reason));
  return true;
}
