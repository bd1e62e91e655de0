import type { Tx } from '../../platform/db/database.js';
import type { ContentMode } from '../../publications/publication.js';
import { DIGEST_LIFETIME_MS, DEFAULT_ORDER, type DigestCadence, type DigestState } from '../digest.js';
import type { NumberedArticle } from '../calendar/due.js';
import { findDigestByPeriod, findDigestState, findVariantIds } from '../reads.js';
import { incrementLastBatch, insertDigest, insertVariants, reopenClosed, startSending } from '../writes.js';

/**
 * The one digest of a publication, cadence and period, made if this is its first reader. Its row is not locked: any
 * number of planners find readers for it at once, and each says so with `noteJoined` when its deliveries are queued.
 */
export async function findOrCreateDigest(
  tx: Tx,
  digest: {
    publicationId: string;
    cadence: DigestCadence;
    period: string;
    closesAt: Date | null;
    keyId: string;
  },
  now: Date,
): Promise<{ id: string }> {
  const known = await findDigestState(tx, digest);
  if (known !== undefined) return known;
  const expiresAt = computeExpiry(digest.closesAt, now);
  await insertDigest(tx, { ...DEFAULT_ORDER, ...digest, state: 'sending', expiresAt }, now);
  return findDigestByPeriod(tx, digest);
}

/**
 * Readers have joined: whoever was about to close the digest sees it, and one that is closed opens again. Its row stays
 * locked until the transaction ends, so this comes last, and for several digests in the order of their keys.
 * @returns its state before; to a cancelled one nothing is sent any more, and the caller lets its readers go
 */
export async function recordBatchJoined(
  tx: Tx,
  digest: { id: string; closesAt: Date | null },
  now: Date,
): Promise<DigestState> {
  const { state } = await incrementLastBatch(tx, digest.id);
  if (state === 'closed') await reopenClosed(tx, digest.id, computeExpiry(digest.closesAt, now));
  return state;
}

function computeExpiry(closesAt: Date | null, now: Date): Date {
  return new Date(Math.max(closesAt?.getTime() ?? 0, now.getTime()) + DIGEST_LIFETIME_MS);
}

/** A list of articles in one language; without a format of its own it has the publication's. */
export type ArticleList = {
  locale: string;
  format: ContentMode | null;
  articles: readonly NumberedArticle[];
};

/** Ids of variants that one pass of planning has seen committed, by digest, language, format and list. */
export type VariantIdCache = Map<string, string>;

/**
 * The variants of a digest with these lists, in the same order, made where they are missing. Called once for a digest in
 * a transaction: what it finds somebody committed, and may be remembered, but not what it makes itself.
 */
export async function findOrCreateVariants(
  tx: Tx,
  digestId: string,
  lists: readonly ArticleList[],
  known: VariantIdCache = new Map(),
): Promise<string[]> {
  const wanted = lists.map((list) => toRequestedVariant(digestId, list));
  const ids = await findOrInsertVariants(
    tx,
    digestId,
    wanted.filter(({ key }) => !known.has(key)),
    known,
  );
  return wanted.map(({ key }) => {
    const id = known.get(key) ?? ids.get(key);
    if (id === undefined) throw new Error(`A variant of digest ${digestId} was made and is not there`);
    return id;
  });
}

type RequestedVariant = {
  key: string;
  locale: string;
  format: ContentMode | null;
  articleIds: string[];
  maxSeq: number;
};

function toRequestedVariant(digestId: string, { locale, format, articles }: ArticleList): RequestedVariant {
  const articleIds = articles.map((article) => article.id);
  const maxSeq = Math.max(0, ...articles.map((article) => article.seq));
  return { key: [digestId, locale, format, ...articleIds].join(' '), locale, format, articleIds, maxSeq };
}

async function findOrInsertVariants(
  tx: Tx,
  digestId: string,
  wanted: readonly RequestedVariant[],
  known: VariantIdCache,
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return known;
  const found = await findIdsByKey(tx, digestId, wanted);
  for (const [key, id] of found) if (known.size < MAX_CACHED_VARIANTS) known.set(key, id);
  const missing = wanted.filter(({ key }) => !found.has(key));
  if (missing.length === 0) return found;
  // In one order, so that two planners who make the same ones do not wait for each other in a circle.
  missing.sort((one, other) => (one.key < other.key ? -1 : 1));
  await insertVariants(tx, digestId, missing);
  return new Map([...found, ...(await findIdsByKey(tx, digestId, missing))]);
}

async function findIdsByKey(
  tx: Tx,
  digestId: string,
  wanted: readonly RequestedVariant[],
): Promise<Map<string, string>> {
  const ids = await findVariantIds(tx, digestId, wanted);
  return new Map(
    wanted.flatMap(({ key }, at) => {
      const id = ids[at] ?? null;
      return id === null ? [] : [[key, id] as const];
    }),
  );
}

/** More are not remembered: a pass over any number of readers needs no more memory. */
const MAX_CACHED_VARIANTS = 10_000;

/** An operator's digest begins to be sent; doing it again changes nothing. */
export async function beginSending(tx: Tx, digestId: string): Promise<void> {
  await startSending(tx, digestId);
}
