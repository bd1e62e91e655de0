import type { Article } from '../articles/article.js';
import { findFeed } from '../articles/feeds/reads.js';
import { findArticle } from '../articles/reads.js';
import { findHold } from '../articles/release/reads.js';
import { digestName } from '../digests/display-name.js';
import type { Context } from '../platform/context.js';
import { countExpected, type ExpectedReaders } from './hold-details.js';
import { listDigestsWithArticle } from './reads.js';

/** One article as an operator sees it. */
export type ArticleDetails = Article & {
  /** What brought it; null: it was pushed, or its feed was removed. */
  feed: { title: string | null; url: string } | null;
  /** How many articles are still held together with it, itself included; 0 where it is not held. */
  heldTogether: number;
  /** Whom it would be mailed to if it went out now; undefined once it is out, or cannot go. */
  readers: ExpectedReaders | undefined;
  /** The newest digests that have it. */
  digests: { id: string; name: string }[];
};

const MAX_DIGESTS = 10;

/** Undefined: there is no such article. */
export async function readArticleDetails(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  id: string,
): Promise<ArticleDetails | undefined> {
  const article = await findArticle(db, id);
  if (article === undefined) return undefined;
  const { publicationId, feedId, holdId, state } = article;
  const feed = feedId === null ? undefined : await findFeed(db, feedId);
  const hold = state === 'held' && holdId !== null ? await findHold(db, holdId) : undefined;
  const digests = await listDigestsWithArticle(db, { publicationId, articleId: id, limit: MAX_DIGESTS });
  return {
    ...article,
    feed: feed === undefined ? null : { title: feed.title, url: feed.url },
    heldTogether: hold?.count ?? 0,
    readers:
      state === 'held' || state === 'waiting' ? await countExpected(db, publicationId, [article]) : undefined,
    digests: digests.map((digest) => ({
      id: digest.id,
      name: digestName(digest, digest.subject, templates.operatorWords),
    })),
  };
}
