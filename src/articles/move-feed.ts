import type { Context } from '../platform/context.js';
import { updateFeedUrl } from './writes.js';

/** The feed is found at another address from now on. What it brought keeps its place. */
export async function moveFeed({ db }: Pick<Context, 'db'>, feedId: string, url: string): Promise<void> {
  await db.transaction((tx) => updateFeedUrl(tx, feedId, url));
}
