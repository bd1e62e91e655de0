import type { Tx } from '../platform/db/database.js';
import { LIFETIME_MS, PLAIN_ORDER, type DigestCadence, type DigestState } from './digest.js';
import type { NumberedArticle } from './due.js';
import { findDigestByPeriod, findDigestKey, findVariantIds } from './reads.js';
import { countBatch, insertDigest, insertVariants, reopenDigest, startSending } from './writes.js';

/**
 * The one digest of a publication, cadence and period, made if this is its first reader. Its row is not locked: any
 * number of planners find readers for it at once, and each says so with `noteJoined` when its deliveries are queued.
 */
export async function joinDigest(
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
  const known = await findDigestKey(tx, digest);
  if (known !== undefined) return known;
  const expiresAt = expiryOf(digest.closesAt, now);
  await insertDigest(tx, { ...PLAIN_ORDER, ...digest, state: 'sending', expiresAt }, now);
  return findDigestByPeriod(tx, digest);
}

/**
 * Readers have joined: whoever was about to close the digest sees it, and one that is closed opens again. Its row stays
 * locked until the transaction ends, so this comes last, and for several digests in the order of their keys.
 * @returns its state before; to a cancelled one nothing is sent any more, and the caller lets its readers go
 */
export async function noteJoined(
  tx: Tx,
  digest: { id: string; closesAt: Date | null },
  now: Date,
): Promise<DigestState> {
  const { state } = await countBatch(tx, digest.id);
  if (state === 'closed') await reopenDigest(tx, digest.id, expiryOf(digest.closesAt, now));
  return state;
}

function expiryOf(closesAt: Date | null, now: Date): Date {
  return new Date(Math.max(closesAt?.getTime() ?? 0, now.getTime()) + LIFETIME_MS);
}

/** A list of articles in one language. */
export type List = { locale: string; articles: readonly NumberedArticle[] };

/** The variants of a digest with these lists, in the same order, made where they are missing. */
export async function joinVariants(tx: Tx, digestId: string, lists: readonly List[]): Promise<string[]> {
  const wanted = lists.map(({ locale, articles }) => ({
    locale,
    articleIds: articles.map((article) => article.id),
    maxSeq: Math.max(0, ...articles.map((article) => article.seq)),
  }));
  const found = await findVariantIds(tx, digestId, wanted);
  if (found.every((id) => id !== null)) return found;
  // In one order, so that two planners who make the same ones do not wait for each other.
  await insertVariants(tx, digestId, wanted.toSorted(byList));
  const ids = await findVariantIds(tx, digestId, wanted);
  return ids.map((id) => {
    if (id === null) throw new Error(`A variant of digest ${digestId} was made and is not there`);
    return id;
  });
}

type Wanted = { locale: string; articleIds: string[]; maxSeq: number };

function byList(one: Wanted, other: Wanted): number {
  const [a, b] = [one, other].map(({ locale, articleIds }) => [locale, ...articleIds].join(' '));
  return a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1;
}

/** An operator's digest begins to be sent; doing it again changes nothing. */
export async function beginSending(tx: Tx, digestId: string): Promise<void> {
  await startSending(tx, digestId);
}
