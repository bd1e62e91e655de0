import type { Context } from '../platform/context.js';
import { removeFeed } from './feed-writes.js';

/** Stops polling a feed. What it brought stays, and is not mailed again should the feed come back. */
export async function dropFeed(
  { db, now }: Pick<Context, 'db' | 'now'>,
  feedId: string,
): Promise<{ removed: boolean }> {
  return { removed: (await db.transaction((tx) => removeFeed(tx, feedId, now()))) > 0 };
}
