import { findArticles } from '../../articles/reads.js';
import type { Digest } from '../../digests/digest.js';
import { listArticleIds } from '../../digests/reads.js';
import type { Db } from '../../platform/db/database.js';
import type { OperatorWords } from '../../platform/text/translations.js';
import type { DeliveryCounts } from '../delivery.js';
import { readLedger } from '../reads.js';

/** What cancelling a digest led to. */
export type CancellationReport = {
  counts: DeliveryCounts;
  /** Readers who were planned and are not sent it. */
  keptFrom: number;
  articles: { id: string; title: string }[];
  /** Sentences for an operator: who has it, who does not, and what becomes of the articles. */
  explanation: string[];
};

/** @param digest a cancelled one */
export async function describeCancellation(
  db: Db,
  digest: Pick<Digest, 'id' | 'cadence'>,
  words: OperatorWords,
): Promise<CancellationReport> {
  const { counts, skipped } = await readLedger(db, digest.id);
  // What is not skipped yet will be within moments.
  const keptFrom = counts.queued + counts.deferred + (skipped.get('cancelled') ?? 0);
  const found = await findArticles(db, await listArticleIds(db, digest.id));
  const articles = found.map(({ id, title }) => ({ id, title }));
  const titles = articles.map(({ title }) => title);
  return {
    counts,
    keptFrom,
    articles,
    explanation: explainCancellation(digest.cadence, { counts, keptFrom, titles }, words),
  };
}

const MAX_TITLES = 5;

/** Sentences for an operator. */
export function explainCancellation(
  cadence: Digest['cadence'],
  { counts, keptFrom, titles }: { counts: DeliveryCounts; keptFrom: number; titles: string[] },
  words: OperatorWords,
): string[] {
  const kind = cadence === 'operator' || cadence === 'instant' ? cadence : 'rhythm';
  if (counts.planned === 0) return [words(`cancellation.nobody.${kind}`)];
  return [
    words('cancellation.readers', {
      accepted: words('cancellation.accepted', { count: counts.accepted }),
      kept: words('cancellation.kept', { count: keptFrom }),
    }),
    ...(keptFrom > 0 ? [explainMissedArticles(cadence, titles, words)] : []),
    ...(['sending', 'uncertain'] as const).flatMap((state) =>
      counts[state] > 0 ? [words(`cancellation.${state}`, { count: counts[state] })] : [],
    ),
  ];
}

/** Planning a digest of a cadence has moved its readers' watermarks past these articles; an operator's digest moves none. */
function explainMissedArticles(
  cadence: Digest['cadence'],
  titles: readonly string[],
  words: OperatorWords,
): string {
  if (cadence === 'operator') return words('cancellation.missed.none');
  const shown = titles.slice(0, MAX_TITLES).map((title) => `“${title}”`);
  const count = titles.length - shown.length;
  const listed = shown.join(', ');
  return words('cancellation.missed.articles', {
    titles: count > 0 ? words('cancellation.missed.more', { titles: listed, count }) : listed,
  });
}
