import { findArticles } from '../../articles/reads.js';
import type { Digest } from '../../digests/digest.js';
import type { Tx } from '../../platform/db/database.js';
import { lowerPausedWatermarks } from '../../subscribers/preferences/pause.js';
import { listVariantsByIds } from '../reads.js';

/**
 * Mail that was planned before these readers paused, and is not sent now, is not lost to those who asked for a catch-up:
 * their watermarks are lowered to before its articles. An operator's digest never moved a watermark.
 */
export async function lowerWatermarksForCatchUp(
  tx: Tx,
  digest: Pick<Digest, 'cadence'>,
  rows: readonly { subscriptionId: string; variantId: string }[],
): Promise<void> {
  if (rows.length === 0 || digest.cadence === 'operator') return;
  const lowestSeqs = await readLowestSeqs(tx, [...new Set(rows.map(({ variantId }) => variantId))]);
  const watermarks = rows.flatMap(({ subscriptionId, variantId }) => {
    const lowest = lowestSeqs.get(variantId);
    return lowest === undefined ? [] : [{ id: subscriptionId, watermark: lowest - 1 }];
  });
  await lowerPausedWatermarks(tx, watermarks);
}

/** The smallest article number in each variant. */
async function readLowestSeqs(tx: Tx, variantIds: string[]): Promise<Map<string, number>> {
  const variants = await listVariantsByIds(tx, variantIds);
  const articles = await findArticles(tx, [...new Set(variants.flatMap(({ articleIds }) => articleIds))]);
  const seqs = new Map(articles.flatMap(({ id, seq }) => (seq === null ? [] : [[id, seq]])));
  const lowest = variants.map(({ variantId, articleIds }): [string, number] => [
    variantId,
    Math.min(...articleIds.flatMap((id) => seqs.get(id) ?? [])),
  ]);
  return new Map(lowest.filter(([, seq]) => Number.isFinite(seq)));
}
