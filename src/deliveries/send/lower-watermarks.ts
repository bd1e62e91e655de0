import { findArticles } from '../../articles/reads.js';
import type { Digest } from '../../digests/digest.js';
import type { Tx } from '../../platform/db/database.js';
import { lowerPausedWatermarks } from '../../subscribers/preferences/pause.js';
import { listVariantsByIds } from '../variant-reads.js';

/**
 * Mail that was planned before these readers paused, and is not sent now, is not lost to those who asked for a catch-up:
 * they step back to before its articles. An operator's digest never moved anybody on.
 */
export async function lowerWatermarksForCatchUp(
  tx: Tx,
  digest: Pick<Digest, 'cadence'>,
  rows: readonly { subscriptionId: string; variantId: string }[],
): Promise<void> {
  if (rows.length === 0 || digest.cadence === 'operator') return;
  const before = await readLowestSeqs(tx, [...new Set(rows.map(({ variantId }) => variantId))]);
  const steps = rows.flatMap(({ subscriptionId, variantId }) => {
    const start = before.get(variantId);
    return start === undefined ? [] : [{ id: subscriptionId, watermark: start - 1 }];
  });
  await lowerPausedWatermarks(tx, steps);
}

/** The smallest article number in each list. */
async function readLowestSeqs(tx: Tx, variantIds: string[]): Promise<Map<string, number>> {
  const lists = await listVariantsByIds(tx, variantIds);
  const articles = await findArticles(tx, [...new Set(lists.flatMap(({ articleIds }) => articleIds))]);
  const numbers = new Map(articles.flatMap(({ id, seq }) => (seq === null ? [] : [[id, seq]])));
  const starts = lists.map(({ variantId, articleIds }): [string, number] => [
    variantId,
    Math.min(...articleIds.flatMap((id) => numbers.get(id) ?? [])),
  ]);
  return new Map(starts.filter(([, start]) => Number.isFinite(start)));
}
