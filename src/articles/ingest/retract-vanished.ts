import { recordActivities } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { listMissingUnreleased } from './reads.js';
import { markVanished, recordMissing } from './sighting-writes.js';

/**
 * Retracts unreleased articles that the feed no longer shows while it still shows older ones: their publisher removed
 * them. Those older than everything shown have only rolled off the end.
 * @param shown what the feed shows now, in its order
 */
export async function retractVanished(
  tx: Tx,
  feedId: string,
  shown: readonly { id: string; date: Date }[],
  now: Date,
): Promise<void> {
  if (shown.length === 0) return;
  const missing = await recordMissing(
    tx,
    feedId,
    shown.map(({ id }) => id),
    now,
  );
  if (missing.length === 0) return;
  const oldest = oldestShownTime(shown.map(({ date }) => date.getTime()));
  const lost = await listMissingUnreleased(tx, feedId, missing);
  const vanished = lost.filter(
    ({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime() > oldest,
  );
  if (vanished.length === 0) return;
  const retracted = await markVanished(
    tx,
    vanished.map(({ id }) => id),
  );
  const kind = 'article.vanished' as const;
  const changes = retracted.map(({ id, publicationId }) => ({ kind, publicationId, subjectId: id }));
  await recordActivities(tx, bySystem(now), changes);
}

/** A first item that is older than the second is pinned to the top, and does not tell how far back the feed goes. */
function oldestShownTime([first, ...rest]: number[]): number {
  const dates = first !== undefined && (rest[0] === undefined || first >= rest[0]) ? [first, ...rest] : rest;
  return Math.min(...dates);
}
