import type { Context } from '../../platform/context.js';
import { sendsDigests, type Cadence, type Publication } from '../../publications/publication.js';
import { findSubscriptionAt, listReadersBehind } from '../../subscribers/due/reads.js';
import { LOWEST_ID } from '../chunks.js';
import { readDueLists } from './due-lists.js';
import { estimateRhythm } from './estimate-digest.js';

/** So many readers are looked at, all rhythms together: a page is waiting. */
const MAX_LOOKED_AT = 200;
/** And so many subscriptions, the oldest, are read to find those: where nobody is behind it would be all. */
const MAX_READ = 10_000;

/**
 * What any reader of each rhythm would get now, by the articles' numbers. Of a newsletter with many readers some are looked
 * at; for a rhythm that none of them has, it is what came out since its last digest.
 */
export async function listArticlesAhead(
  { db }: Pick<Context, 'db'>,
  publication: Publication,
  wanted: readonly Cadence[],
): Promise<ReadonlyMap<Cadence, string[]>> {
  if (!sendsDigests(publication)) return new Map();
  const { id: publicationId, lastSeq: seq } = publication;
  const upTo = await findSubscriptionAt(db, publicationId, MAX_READ);
  const where = { publicationId, seq, after: LOWEST_ID, upTo, limit: MAX_LOOKED_AT };
  const readers = await listReadersBehind(db, where);
  const numbers = new Map<Cadence, Map<string, number>>();
  if (readers.length > 0) {
    const { listFor } = await readDueLists(db, publicationId, readers);
    for (const reader of readers) {
      const known = numbers.get(reader.cadence) ?? new Map<string, number>();
      for (const article of listFor(reader)) known.set(article.id, article.seq);
      numbers.set(reader.cadence, known);
    }
  }
  const isAll = readers.length < MAX_LOOKED_AT && upTo === undefined;
  for (const cadence of wanted.filter((one) => !isAll && !numbers.has(one))) {
    const { articles } = await estimateRhythm(db, publication, cadence);
    numbers.set(cadence, new Map(articles.map((article) => [article.id, article.seq])));
  }
  const inOrder = (known: ReadonlyMap<string, number>) =>
    [...known].toSorted(([, one], [, other]) => one - other).map(([id]) => id);
  return new Map([...numbers].map(([cadence, known]) => [cadence, inOrder(known)]));
}
