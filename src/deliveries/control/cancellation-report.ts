import { findArticles } from '../../articles/reads.js';
import type { Digest } from '../../digests/digest.js';
import { listVariants } from '../../digests/reads.js';
import type { Db } from '../../platform/db/database.js';
import type { DeliveryCounts } from '../delivery.js';
import { countDeliveries } from '../reads.js';
import { countCancelledDeliveries } from './reads.js';
import { countNoun } from '../../platform/text/count-noun.js';

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
): Promise<CancellationReport> {
  const { counts, keptFrom } = await db.transaction(async (tx) => ({
    counts: await countDeliveries(tx, digest.id),
    keptFrom: (await countCancelledDeliveries(tx, digest.id)).count,
  }));
  const ids = new Set((await listVariants(db, digest.id)).flatMap(({ articleIds }) => articleIds));
  const found = await findArticles(db, [...ids]);
  const articles = found.map(({ id, title }) => ({ id, title }));
  const titles = articles.map(({ title }) => title);
  return {
    counts,
    keptFrom,
    articles,
    explanation: explainCancellation(digest.cadence, { counts, keptFrom, titles }),
  };
}

const MAX_TITLES = 5;

/** Sentences for an operator. */
export function explainCancellation(
  cadence: Digest['cadence'],
  { counts, keptFrom, titles }: { counts: DeliveryCounts; keptFrom: number; titles: string[] },
): string[] {
  if (counts.planned === 0) return [explainNobodyMailed(cadence)];
  return [
    `${countNoun(counts.accepted, 'reader')} ${counts.accepted === 1 ? 'has' : 'have'} it; ${countNoun(keptFrom, 'reader')} will not be sent it.`,
    ...(keptFrom > 0 ? [explainMissedArticles(cadence, titles)] : []),
    ...(counts.sending > 0
      ? [
          `${countNoun(counts.sending, 'mail')} ${counts.sending === 1 ? 'was' : 'were'} on the way already and may still arrive.`,
        ]
      : []),
    ...(counts.uncertain > 0
      ? [`Of ${countNoun(counts.uncertain, 'mail')} nobody can know whether it arrived; none is sent again.`]
      : []),
  ];
}

function explainNobodyMailed(cadence: Digest['cadence']): string {
  switch (cadence) {
    case 'operator':
      return 'Nobody was mailed anything. What readers are due, they stay due.';
    case 'instant':
      return 'Nobody was mailed anything, and nobody will be mailed this article by itself.';
    case 'daily':
    case 'weekly':
    case 'monthly':
      return 'Nobody was mailed anything. Readers get these articles with their next digest.';
  }
}

/** Planning a digest of a cadence has moved its readers' watermarks past these articles; an operator's digest moves none. */
function explainMissedArticles(cadence: Digest['cadence'], titles: readonly string[]): string {
  if (cadence === 'operator') return 'What is new to them comes with the next digest of their own rhythm.';
  const shown = titles.slice(0, MAX_TITLES).map((title) => `“${title}”`);
  const more = titles.length - shown.length;
  return (
    `Their next digest begins after these articles, so they will not be mailed them again: ` +
    `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ` +
    `Sending chosen articles (digest send --article) reaches exactly those who have not got them.`
  );
}
