import type { Context } from '../../platform/context.js';
import { markFeedRemoved } from './writes.js';

/** Stops polling a feed. What it brought stays, and is not mailed again should the feed come back. */
export async function removeFeed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feedId: string,
): Promise<{ removed: boolean }> {
  return { removed: (await db.transaction((tx) => markFeedRemoved(tx, feedId, now()))) > 0 };
}
