import type { NumberedArticle } from '../../digests/calendar/due.js';
import { findOrCreateVariants, type VariantIdCache, type ArticleList } from '../../digests/open/variants.js';
import { recordBatchJoined } from '../../digests/open/join-digest.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Reader } from '../../subscribers/subscription.js';
import { listOutsideBatch } from './reads.js';
import type { FindSuppressed } from './suppressed-readers.js';
import { insertBatch, insertDeliveries } from './writes.js';
import { enqueueBatch } from '../batches/wake-batch.js';

/** A reader of a digest and what she gets in it. */
export type PlannedReader = {
  /** `locale` is a language that has translations, or the digest would be rendered once more for each spelling of it. */
  reader: Pick<Reader, 'id' | 'locale' | 'format' | 'withoutPictures'>;
  articles: readonly NumberedArticle[];
};

type ReaderGroup = {
  digestId: string;
  readers: readonly PlannedReader[];
  /** These two are of the pass that this chunk belongs to. */
  findSuppressed: FindSuppressed;
  variants?: VariantIdCache;
};

/**
 * Queues one delivery per reader, in the variant with her articles, language and format; that of a suppressed address is skipped at
 * once. Returns the readers who had one before.
 */
export async function queueDeliveries(tx: Tx, group: ReaderGroup, now: Date): Promise<Set<string>> {
  const { digestId, readers } = group;
  const { number } = await insertBatch(tx, digestId, now);
  const planned = { digestId, batch: number, ...(await assignVariants(tx, group)) };
  const ids = planned.readers.map(({ id }) => id);
  const suppressed = await group.findSuppressed(tx, ids);
  const count = await insertDeliveries(tx, { ...planned, suppressed }, now);
  await enqueueBatch(tx, { digestId, number }, now);
  if (count === readers.length) return new Set();
  return new Set((await listOutsideBatch(tx, planned)).map(({ subscriptionId }) => subscriptionId));
}

/** Records that readers have joined digests. Comes last, because the digests' rows stay locked until the transaction ends. */
export async function recordReadersJoined(
  tx: Tx,
  digests: readonly { id: string; closesAt: Date | null }[],
  now: Date,
): Promise<void> {
  for (const digest of digests) {
    const state = await recordBatchJoined(tx, digest, now);
    // An operator cancelled it while these readers were being found: their deliveries are skipped with the others.
    if (state === 'cancelled') await enqueue(tx, 'cancel-deliveries', { digestId: digest.id }, now);
  }
}

async function assignVariants(tx: Tx, { digestId, readers, variants }: ReaderGroup) {
  const lists: ArticleList[] = [];
  const numbers = new Map<string, number>();
  const keyOf = createListKeys();
  const variantNumberOf = ({ reader: { locale, format, withoutPictures }, articles }: PlannedReader) => {
    const key = `${locale} ${format} ${withoutPictures} ${keyOf(articles)}`;
    const number = numbers.get(key) ?? lists.push({ locale, format, withoutPictures, articles });
    numbers.set(key, number);
    return number;
  };
  const numbered = readers.map((planned) => ({
    id: planned.reader.id,
    variantNumber: variantNumberOf(planned),
  }));
  return { readers: numbered, variantIds: await findOrCreateVariants(tx, digestId, lists, variants) };
}

/** Long lists are shared by many readers: the key of each is made once. */
function createListKeys(): (articles: PlannedReader['articles']) => string {
  const keys = new Map<PlannedReader['articles'], string>();
  return (articles) => {
    const key = keys.get(articles) ?? articles.map((article) => article.id).join(' ');
    keys.set(articles, key);
    return key;
  };
}
