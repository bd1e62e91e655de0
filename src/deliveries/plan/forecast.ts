import { DEFAULT_ORDER, type DigestSelection } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import { sendsDigests } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { findSubscriptionAt, listReadersBehind, type ReadersBehind } from '../../subscribers/due/reads.js';
import { LOWEST_ID, CHUNK_SIZE } from '../chunks.js';
import { selectAudience, watermarkLimit } from './select-audience.js';

/** What a digest sent now would be: how many readers, and which articles any of them would get, in order. */
export type Forecast = {
  readers: number;
  /** Counting stopped here: there are at least this many readers. */
  more: boolean;
  articleIds: string[];
};

/**
 * How far a forecast goes: how many readers who get something it counts, and how many who are behind it looks at. `maxRead`: and
 * how many subscriptions, the oldest, it reads to find those; undefined: all.
 */
export type ForecastLimits = { maxCounted: number; maxLooked: number; maxRead?: number };

/** Counting more than this tells an operator nothing new, and looking at more would read every subscription. */
const USUAL_LIMITS: ForecastLimits = { maxCounted: 10_000, maxLooked: 100_000 };

/** Works out who would get what now, with the very rules of planning, and writes nothing. */
export async function forecastDigest(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  order: DigestSelection = DEFAULT_ORDER,
  { maxCounted, maxLooked, maxRead }: ForecastLimits = USUAL_LIMITS,
): Promise<Forecast> {
  const publication = await findPublication(db, publicationId);
  if (publication === undefined || !sendsDigests(publication))
    return { readers: 0, more: false, articleIds: [] };
  const upTo = maxRead === undefined ? undefined : await findSubscriptionAt(db, publicationId, maxRead);
  const seqs = new Map<string, number>();
  let [count, looked] = [0, 0];
  let after: string | undefined = LOWEST_ID;
  while (after !== undefined && count < maxCounted && looked < maxLooked) {
    const where: ReadersBehind = {
      publicationId,
      seq: watermarkLimit(order, publication),
      after,
      upTo,
      limit: CHUNK_SIZE,
    };
    const readers = await listReadersBehind(db, where);
    const due = await selectAudience(db, publicationId, order, readers);
    for (const { articles } of due) for (const article of articles) seqs.set(article.id, article.seq);
    count += due.length;
    looked += readers.length;
    after = readers.length < where.limit ? undefined : readers.at(-1)?.id;
  }
  const articleIds = [...seqs].toSorted(([, a], [, b]) => a - b).map(([id]) => id);
  return { readers: count, more: after !== undefined || upTo !== undefined, articleIds };
}
