import { DEFAULT_ORDER, type DigestOrder } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import { sendsDigests } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { listReadersBehind } from '../../subscribers/due/reads.js';
import { LOWEST_ID, CHUNK_SIZE } from '../chunks.js';
import { selectAudience, watermarkLimit } from './select-audience.js';

/** What a digest sent now would be: how many readers, and which articles any of them would get, in order. */
export type Forecast = {
  readers: number;
  /** Counting stopped here: there are at least this many readers. */
  more: boolean;
  articleIds: string[];
};

/** Counting more than this tells an operator nothing new, and would read every subscription. */
const MAX_COUNTED_READERS = 10_000;

/** Works out who would get what now, with the very rules of planning, and writes nothing. */
export async function forecastDigest(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  order: Pick<DigestOrder, 'articleIds' | 'audience' | 'again'> = DEFAULT_ORDER,
): Promise<Forecast> {
  const publication = await findPublication(db, publicationId);
  if (publication === undefined || !sendsDigests(publication))
    return { readers: 0, more: false, articleIds: [] };
  const seqs = new Map<string, number>();
  let count = 0;
  for (let after: string | undefined = LOWEST_ID; after !== undefined && count < MAX_COUNTED_READERS;) {
    const where = { publicationId, seq: watermarkLimit(order, publication), after, limit: CHUNK_SIZE };
    const readers = await listReadersBehind(db, where);
    const due = await selectAudience(db, publicationId, order, readers);
    for (const { articles } of due) for (const article of articles) seqs.set(article.id, article.seq);
    count += due.length;
    after = readers.at(-1)?.id;
  }
  const articleIds = [...seqs].toSorted(([, a], [, b]) => a - b).map(([id]) => id);
  return { readers: count, more: count >= MAX_COUNTED_READERS, articleIds };
}
