import type { Tx } from '../platform/db/database.js';
import { LIFETIME_MS, PLAIN_ORDER, type DigestCadence } from './digest.js';
import type { NumberedArticle } from './due.js';
import {
  insertDigest,
  reopenDigest,
  startSending,
  takeNextBatch,
  upsertVariant,
  type DigestKey,
} from './writes.js';

/**
 * Joins the one digest of a publication, cadence and period, making it if this is its first reader.
 * @returns the digest and the number of a new batch in it; its row stays locked until the transaction ends
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
): Promise<{ id: string; batch: number }> {
  const lastMoment = Math.max(digest.closesAt?.getTime() ?? 0, now.getTime());
  const expiresAt = new Date(lastMoment + LIFETIME_MS);
  await insertDigest(tx, { ...PLAIN_ORDER, ...digest, state: 'sending', expiresAt }, now);
  const row = await takeNextBatch(tx, digest);
  if (row.state === 'closed') await reopenDigest(tx, row.id, expiresAt);
  return { id: row.id, batch: row.lastBatch };
}

/** The variant of a digest with this list in this language. */
export async function joinVariant(
  tx: Tx,
  digestId: string,
  locale: string,
  articles: readonly NumberedArticle[],
): Promise<string> {
  const articleIds = articles.map((article) => article.id);
  const maxSeq = Math.max(0, ...articles.map((article) => article.seq));
  return (await upsertVariant(tx, { digestId, locale, articleIds, maxSeq })).id;
}

/** The number of a new batch in a digest that exists; its row stays locked until the transaction ends. */
export async function takeBatch(tx: Tx, digest: DigestKey): Promise<number> {
  return (await takeNextBatch(tx, digest)).lastBatch;
}

/** An operator's digest begins to be sent; doing it again changes nothing. */
export async function beginSending(tx: Tx, digestId: string): Promise<void> {
  await startSending(tx, digestId);
}
