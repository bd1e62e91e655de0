import { randomUUID } from 'node:crypto';
import type { Tx } from '../platform/db/database.js';
import { LIFETIME_MS } from './digest.js';
import { insertDigest } from './writes.js';
import { findDigestByPeriod } from './reads.js';

/** Makes an operator's digest. It has a key of its own: sending twice makes two, and the second finds nobody. */
export async function createOperatorDigest(
  tx: Tx,
  publicationId: string,
  keyId: string,
  now: Date,
): Promise<{ id: string }> {
  const key = { publicationId, cadence: 'operator' as const, period: randomUUID() };
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await insertDigest(tx, { ...key, closesAt: null, expiresAt, keyId }, now);
  return findDigestByPeriod(tx, key);
}
