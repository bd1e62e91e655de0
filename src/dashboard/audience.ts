import { forecastForPage } from '../deliveries/plan/estimate-digest.js';
import { cadencesOf, type DigestOrder, type DigestSelection } from '../digests/digest.js';
import type { Db } from '../platform/db/database.js';
import { cadences, type Cadence } from '../publications/publication.js';
import { readReaderCounts } from '../subscribers/counts/reads.js';
import { countSuppressions } from '../subscribers/suppression/operator-reads.js';

/** Whom a digest that has not begun is for, in numbers. */
export type AudienceNumbers = {
  /** Confirmed readers of its rhythms. */
  total: number;
  parts: { cadence: Cadence; count: number }[];
  /** Confirmed readers of the other rhythms. */
  others: { cadence: Cadence; count: number }[];
  /** Of them only those of a language or of topics. */
  chosen: Pick<DigestOrder['audience'], 'locale' | 'topics'>;
  /** How many get something if it goes now, worked out for each; undefined where they are too many for a page. */
  due: number | undefined;
  /** What any of those who were looked at would get, in order. */
  articleIds: string[];
  paused: number;
  suppressed: number;
};

/** Whom an order reaches if it goes now. Nobody is counted one by one but where there are few. */
export async function readAudience(
  db: Db,
  publicationId: string,
  order: DigestSelection,
): Promise<AudienceNumbers> {
  const { byCadence: counts, paused } = await readReaderCounts(db, publicationId);
  const wanted = cadencesOf(order.audience);
  const countOf = (some: readonly Cadence[]) =>
    some.map((cadence) => ({ cadence, count: counts[cadence] })).filter(({ count }) => count > 0);
  const parts = countOf(wanted);
  const { readers, more, articleIds } = await forecastForPage({ db }, publicationId, order);
  const { locale, topics } = order.audience;
  const suppressions = await countSuppressions(db, publicationId);
  return {
    total: parts.reduce((sum, { count }) => sum + count, 0),
    parts,
    others: countOf(cadences.filter((cadence) => !wanted.includes(cadence))),
    chosen: { ...(locale !== undefined && { locale }), ...(topics !== undefined && { topics }) },
    due: more ? undefined : readers,
    articleIds,
    paused,
    suppressed: suppressions
      .filter(({ reason }) => reason !== 'erased')
      .reduce((sum, { own, everywhere }) => sum + own + everywhere, 0),
  };
}
