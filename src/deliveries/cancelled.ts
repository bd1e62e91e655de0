import { findArticles } from '../articles/reads.js';
import type { Digest } from '../digests/digest.js';
import { listVariants } from '../digests/reads.js';
import type { Db } from '../platform/db/database.js';
import type { Counts } from './delivery.js';
import { countKeptFrom } from './control-writes.js';
import { countDeliveries } from './reads.js';

/** What cancelling a digest came to. */
export type Cancelled = {
  counts: Counts;
  /** Readers who were planned and are not sent it. */
  keptFrom: number;
  articles: { id: string; title: string }[];
  /** For an operator: who has it, who does not, and what becomes of the articles. */
  says: string[];
};

/** Looks at a cancelled digest. */
export async function describeCancelled(db: Db, digest: Pick<Digest, 'id' | 'cadence'>): Promise<Cancelled> {
  const { counts, keptFrom } = await db.transaction(async (tx) => ({
    counts: await countDeliveries(tx, digest.id),
    keptFrom: (await countKeptFrom(tx, digest.id)).count,
  }));
  const ids = new Set((await listVariants(db, digest.id)).flatMap(({ articleIds }) => articleIds));
  const found = await findArticles(db, [...ids]);
  const articles = found.map(({ id, title }) => ({ id, title }));
  const titles = articles.map(({ title }) => title);
  return { counts, keptFrom, articles, says: whatItMeans(digest.cadence, { counts, keptFrom, titles }) };
}

const MOST_TITLES = 5;

/** Pure, for people. */
export function whatItMeans(
  cadence: Digest['cadence'],
  { counts, keptFrom, titles }: { counts: Counts; keptFrom: number; titles: string[] },
): string[] {
  if (counts.planned === 0) return [nobodyPlanned(cadence)];
  return [
    `${readers(counts.accepted)} ${counts.accepted === 1 ? 'has' : 'have'} it; ${readers(keptFrom)} will not be sent it.`,
    ...(keptFrom > 0 ? [whatTheyMiss(cadence, titles)] : []),
    ...(counts.sending > 0
      ? [
          `${mails(counts.sending)} ${counts.sending === 1 ? 'was' : 'were'} on the way already and may still arrive.`,
        ]
      : []),
    ...(counts.uncertain > 0
      ? [`Of ${mails(counts.uncertain)} nobody can know whether it arrived; none is sent again.`]
      : []),
  ];
}

function nobodyPlanned(cadence: Digest['cadence']): string {
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

/** Planning has moved readers of a rhythm past these articles; an operator's own digest has moved nobody. */
function whatTheyMiss(cadence: Digest['cadence'], titles: readonly string[]): string {
  if (cadence === 'operator') return 'What is new to them comes with the next digest of their own rhythm.';
  const shown = titles.slice(0, MOST_TITLES).map((title) => `“${title}”`);
  const more = titles.length - shown.length;
  return (
    `Their next digest begins after these articles, so they will not be mailed them again: ` +
    `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ` +
    `Sending chosen articles (digest send --article) reaches exactly those who have not got them.`
  );
}

function readers(count: number): string {
  return `${count} ${count === 1 ? 'reader' : 'readers'}`;
}

function mails(count: number): string {
  return `${count} ${count === 1 ? 'mail' : 'mails'}`;
}
