import type { Feed } from '../articles/feeds/feed.js';
import { findFeed, listFeeds } from '../articles/feeds/reads.js';
import type { Context } from '../platform/context.js';
import { choosePublication } from './choose-publication.js';
import { CliError } from './cli-error.js';
import { isId } from './parse-id.js';

/** The feed that a command names by its id, or by its address in a publication. An id needs no publication beside it. */
export async function chooseFeed(
  context: Pick<Context, 'db'>,
  idOrUrl: string,
  publication: string | undefined,
): Promise<Feed> {
  const found =
    isId(idOrUrl) && publication === undefined
      ? await findFeed(context.db, idOrUrl)
      : await findInPublication(context, idOrUrl, publication);
  if (found !== undefined) return found;
  throw new CliError('This publication does not follow that feed. Nothing was changed.');
}

async function findInPublication(
  context: Pick<Context, 'db'>,
  idOrUrl: string,
  publication: string | undefined,
): Promise<Feed | undefined> {
  const { id: publicationId } = await choosePublication(context, publication);
  const feeds = await listFeeds(context.db, publicationId);
  return feeds.find(({ id, url }) => id === idOrUrl || url === idOrUrl);
}
