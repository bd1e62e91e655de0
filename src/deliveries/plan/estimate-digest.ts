import { listReleasedAbove } from '../../articles/reads.js';
import { cadencesOf, DEFAULT_ORDER, type DigestSelection } from '../../digests/digest.js';
import { findLastPlannedSeq } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Cadence, Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { countReadersOfTopics, readReaderCounts } from '../../subscribers/counts/reads.js';
import { forecastDigest, type Forecast, type ForecastLimits } from './forecast.js';
import { listVariantsForAll } from './reads.js';

/** What a digest sent now would be, as a page shows it. */
export type Estimate = {
  readers: number;
  /** It counts on everybody having had the last digest of her rhythm; each reader's own list is made when she is planned. */
  isAbout: boolean;
  /** In order. */
  articleIds: string[];
};

/** Up to here each reader is looked at, as planning does. */
const MAX_READERS_LOOKED_AT = 2000;

/** Works out who would get what now, in milliseconds for any number of readers. */
export async function estimateDigest(
  { db }: Pick<Context, 'db'>,
  publication: Publication,
  order: DigestSelection = DEFAULT_ORDER,
  maxLookedAt = MAX_READERS_LOOKED_AT,
): Promise<Estimate> {
  const { id, archivedAt } = publication;
  const { confirmed } = await readReaderCounts(db, id);
  if (confirmed <= maxLookedAt || archivedAt !== null) {
    const { readers, articleIds } = await forecastDigest({ db }, id, order);
    return { readers, isAbout: false, articleIds };
  }
  return { ...(await estimateRhythms(db, publication, order)), isAbout: true };
}

/** So many readers are worked out while a page is asked for, of so many of the oldest subscriptions: some ten milliseconds. */
const PAGE_LIMITS: ForecastLimits = { maxCounted: 1000, maxLooked: 1000, maxRead: 10_000 };

/**
 * What `forecastDigest` finds, but for a page that waits: of many readers some are looked at. Where none of those is due anything,
 * the articles are what came out since the last digest of their rhythms.
 */
export async function forecastForPage(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  order: DigestSelection,
  limits = PAGE_LIMITS,
): Promise<Forecast> {
  const forecast = await forecastDigest({ db }, publicationId, order, limits);
  if (!forecast.more || forecast.articleIds.length > 0) return forecast;
  const publication = await findPublication(db, publicationId);
  if (publication === undefined) return forecast;
  const { articleIds } = await estimateRhythms(db, publication, order);
  return { ...forecast, articleIds };
}

async function estimateRhythms(
  db: Context['db'],
  publication: Publication,
  order: DigestSelection,
): Promise<{ readers: number; articleIds: string[] }> {
  const { byCadence } = await readReaderCounts(db, publication.id);
  const due = await Promise.all(
    cadencesOf(order.audience)
      .filter((cadence) => byCadence[cadence] > 0)
      .map((cadence) => estimateRhythm(db, publication, cadence)),
  );
  const seqs = new Map(due.flatMap(({ articles }) => articles.map((article) => [article.id, article.seq])));
  return {
    readers: due.reduce((sum, { readers }) => sum + readers, 0),
    articleIds:
      order.articleIds ?? [...seqs].toSorted(([, a], [, b]) => a - b).map(([articleId]) => articleId),
  };
}

/** What came out since the last digest of a rhythm, and how many of its readers any of it is for. */
export async function estimateRhythm(
  db: Context['db'],
  { id, instantPlannedSeq }: Publication,
  cadence: Cadence,
): Promise<{ readers: number; articles: { id: string; seq: number }[] }> {
  const last = cadence === 'instant' ? instantPlannedSeq : await findLastPlannedSeq(db, id, cadence);
  const released = await listReleasedAbove(db, id, last);
  const mailed = new Set((await listVariantsForAll(db, id, last)).flatMap(({ articleIds }) => articleIds));
  const articles = released.filter((article) => !mailed.has(article.id));
  if (articles.length === 0) return { readers: 0, articles };
  const topics = articles.flatMap(({ categories }) => categories);
  return { readers: (await countReadersOfTopics(db, id, topics))[cadence], articles };
}
