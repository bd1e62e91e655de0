import type { Context } from '../../platform/context.js';
import { pollSoon } from './poll-soon.js';
import type { Feed } from './feed.js';
import { findFeed } from './reads.js';

const PURPOSE = 'feed-hook';

/** An address that a publisher's software calls when it has published something: nobody can guess it. */
export function feedHookUrl(
  { links, publicUrl }: Pick<Context, 'links' | 'publicUrl'>,
  { id, publicationId }: Pick<Feed, 'id' | 'publicationId'>,
): string {
  return `${publicUrl}/hooks/feed/${links.sign(PURPOSE, { scope: publicationId, subject: id })}`;
}

/** Looks at the feed that such an address names. False: there is none. */
export async function triggerPoll(
  context: Pick<Context, 'db' | 'now' | 'links'>,
  token: string,
): Promise<boolean> {
  const opened = context.links.verify(PURPOSE, token, context.now());
  const feed = opened.kind === 'valid' ? await findFeed(context.db, opened.subject) : undefined;
  if (feed === undefined) return false;
  await pollSoon(context, feed);
  return true;
}
