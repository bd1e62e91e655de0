import type { Context } from '../../platform/context.js';
import { updateFeedUrl } from './writes.js';

/**
 * The feed is found at another address from now on. What it brought keeps its place. Not moved where the publication
 * has, or had, another feed.
 */
export async function moveFeed(
  { db }: Pick<Context, 'db'>,
  feedId: string,
  url: string,
): Promise<{ moved: boolean }> {
  return { moved: (await db.transaction((tx) => updateFeedUrl(tx, feedId, url))) > 0 };
}
