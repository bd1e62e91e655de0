import type { Tx } from '../platform/db/database.js';
import type { Format } from '../publications/publication.js';
import { LIFETIME_MS, PLAIN_ORDER, type DigestCadence, type DigestState } from './digest.js';
import type { NumberedArticle } from './due.js';
import { findDigestByPeriod, findDigestState, findVariantIds } from './reads.js';
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
  const known = await findDigestState(tx, digest);
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

/** A list of articles in one language; without a format of its own it has the publication's. */
export type List = { locale: string; format: Format | null; articles: readonly NumberedArticle[] };

/** Ids of variants that one pass of planning has seen committed, by digest, language, format and list. */
export type KnownVariants = Map<string, string>;

/**
 * The variants of a digest with these lists, in the same order, made where they are missing. Called once for a digest in
 * a transaction: what it finds somebody committed, and may be remembered, but not what it makes itself.
 */
export async function joinVariants(
  tx: Tx,
  digestId: string,
  lists: readonly List[],
  known: KnownVariants = new Map(),
): Promise<string[]> {
  const wanted = lists.map((list) => wantedOf(digestId, list));
  const ids = await findOrMake(
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

type Wanted = { key: string; locale: string; format: Format | null; articleIds: string[]; maxSeq: number };

function wantedOf(digestId: string, { locale, format, articles }: List): Wanted {
  const articleIds = articles.map((article) => article.id);
  const maxSeq = Math.max(0, ...articles.map((article) => article.seq));
  return { key: [digestId, locale, format, ...articleIds].join(' '), locale, format, articleIds, maxSeq };
}

async function findOrMake(
  tx: Tx,
  digestId: string,
  wanted: readonly Wanted[],
  known: KnownVariants,
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return known;
  const found = await findAll(tx, digestId, wanted);
  for (const [key, id] of found) if (known.size < MOST_KNOWN) known.set(key, id);
  const missing = wanted.filter(({ key }) => !found.has(key));
  if (missing.length === 0) return found;
  // In one order, so that two planners who make the same ones do not wait for each other in a circle.
  missing.sort((one, other) => (one.key < other.key ? -1 : 1));
  await insertVariants(tx, digestId, missing);
  return new Map([...found, ...(await findAll(tx, digestId, missing))]);
}

async function findAll(tx: Tx, digestId: string, wanted: readonly Wanted[]): Promise<Map<string, string>> {
  const ids = await findVariantIds(tx, digestId, wanted);
  return new Map(
    wanted.flatMap(({ key }, at) => {
      const id = ids[at] ?? null;
      return id === null ? [] : [[key, id] as const];
    }),
  );
}

/** More are not remembered: a pass over any number of readers needs no more memory. */
const MOST_KNOWN = 10_000;

/** An operator's digest begins to be sent; doing it again changes nothing. */
export async function beginSending(tx: Tx, digestId: string): Promise<void> {
  await startSending(tx, digestId);
}
