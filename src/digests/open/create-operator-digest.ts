import { randomUUID } from 'node:crypto';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DIGEST_LIFETIME_MS, type DigestOrder } from '../digest.js';
import { replaceLeftOut } from '../drafts/writes.js';
import { requireDigestOfPeriod } from './open-digest.js';
import { insertDigest } from './writes.js';

/**
 * Makes an operator's digest. Its key is random: ordering twice makes two, and the second finds no reader who is due.
 * @param digest.sendAt when it is planned; mails that fail are given up three days later
 */
export async function createOperatorDigest(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  digest: DigestOrder & { publicationId: string; keyId: string; sendAt: Date },
): Promise<{ id: string }> {
  const { publicationId, sendAt, articleIds, audience, again } = digest;
  const key = { publicationId, cadence: 'operator' as const, period: randomUUID() };
  const expiresAt = new Date(sendAt.getTime() + DIGEST_LIFETIME_MS);
  const uncounted = { readers: null, readersBefore: null };
  const approved = { state: 'approved' as const, holdReasons: [], closesAt: null, expiresAt };
  await insertDigest(tx, { ...digest, ...key, ...approved, ...uncounted }, context.now());
  const { id } = await requireDigestOfPeriod(tx, key);
  await replaceLeftOut(tx, id, digest);
  const after = { sendAt: sendAt.toISOString(), articles: articleIds?.length ?? null, audience, again };
  await recordActivity(tx, context, { kind: 'digest.ordered', publicationId, subjectId: id, after });
  return { id };
}
