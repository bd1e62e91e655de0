import { randomUUID } from 'node:crypto';
import type { Tx } from '../../platform/db/database.js';
import { DIGEST_LIFETIME_MS, type DigestOrder } from '../digest.js';
import { requireDigestOfPeriod } from './open-digest.js';
import { insertDigest } from './writes.js';

/**
 * Makes an operator's digest. Its key is random: ordering twice makes two, and the second finds no reader who is due.
 * @param digest.sendAt when it is planned; mails that fail are given up three days later
 */
export async function createOperatorDigest(
  tx: Tx,
  digest: DigestOrder & { publicationId: string; keyId: string; sendAt: Date },
  now: Date,
): Promise<{ id: string }> {
  const key = { publicationId: digest.publicationId, cadence: 'operator' as const, period: randomUUID() };
  const expiresAt = new Date(digest.sendAt.getTime() + DIGEST_LIFETIME_MS);
  const uncounted = { readers: null, readersBefore: null };
  const approved = { state: 'approved' as const, holdReasons: [], closesAt: null, expiresAt };
  await insertDigest(tx, { ...digest, ...key, ...approved, ...uncounted }, now);
  return requireDigestOfPeriod(tx, key);
}
