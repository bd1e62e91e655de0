import { listReleasedAbove } from '../../articles/reads.js';
import { DEFAULT_ORDER, type DigestSelection } from '../../digests/digest.js';
import { findLastPlannedSeq } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import { cadences, type Cadence, type Publication } from '../../publications/publication.js';
import { countReadersOfTopics, readReaderCounts } from '../../subscribers/counts/reads.js';
import { forecastDigest } from './forecast.js';
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
  const { confirmed, byCadence } = await readReaderCounts(db, id);
  if (confirmed <= maxLookedAt || archivedAt !== null) {
    const { readers, articleIds } = await forecastDigest({ db }, id, order);
    return { readers, isAbout: false, articleIds };
  }
  const due = await Promise.all(
    cadences
      .filter((cadence) => byCadence[cadence] > 0 && cadence === (order.audience.cadence ?? cadence))
      .map((cadence) => estimateRhythm(db, publication, cadence)),
  );
  const seqs = new Map(due.flatMap(({ articles }) => articles.map((article) => [article.id, article.seq])));
  return {
    readers: due.reduce((sum, { readers }) => sum + readers, 0),
    isAbout: true,
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
