import type { Article } from '../articles/article.js';
import type { ArticleHold } from '../articles/release/hold.js';
import { findHold, listHeldArticles } from '../articles/release/reads.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { findPublication } from '../publications/reads.js';
import { countReadersOfTopics } from '../subscribers/counts/reads.js';

/** How many readers some articles would be mailed to: within minutes, and with their next digest. */
export type ExpectedReaders = { atOnce: number; later: number };

/** One hold as an operator sees it, with how many readers each choice would reach. */
export type HoldDetails = ArticleHold & {
  publication: Publication;
  /** Newest first; none when it is decided. */
  articles: Article[];
  /** Of all its articles, and of the newest few alone. */
  readers: { all: ExpectedReaders; newest: ExpectedReaders };
};

/** How many of many the operator may release alone. */
export const NEWEST_COUNT = 3;

export async function readHoldDetails(
  { db }: Pick<Context, 'db'>,
  id: string,
): Promise<HoldDetails | undefined> {
  const hold = await findHold(db, id);
  const publication = hold && (await findPublication(db, hold.publicationId));
  if (hold === undefined || publication === undefined) return undefined;
  const articles = await listHeldArticles(db, id);
  const all = await countExpected(db, publication.id, articles);
  const newest = await countExpected(db, publication.id, articles.slice(0, NEWEST_COUNT));
  return { ...hold, publication, articles, readers: { all, newest } };
}

/** Confirmed readers whose topics meet those of at least one of the articles. */
export async function countExpected(
  db: Context['db'],
  publicationId: string,
  articles: readonly Pick<Article, 'categories'>[],
): Promise<ExpectedReaders> {
  if (articles.length === 0) return { atOnce: 0, later: 0 };
  const topics = articles.flatMap(({ categories }) => categories);
  const { instant, daily, weekly, monthly } = await countReadersOfTopics(db, publicationId, topics);
  return { atOnce: instant, later: daily + weekly + monthly };
}
