import type { Context } from '../../platform/context.js';
import { insertUsedProof } from './writes.js';

/**
 * Accepts a solved proof of work, once.
 * @param payload what the form's field `proof` holds
 * @returns false for one that is not solved, expired, of another publication, or used before
 */
export async function redeemProof(
  { db, now, proofOfWork }: Pick<Context, 'db' | 'now' | 'proofOfWork'>,
  publicationId: string,
  payload: string,
): Promise<boolean> {
  const solved = await proofOfWork.verify(publicationId, payload, now());
  if (solved === undefined) return false;
  return (await db.transaction((tx) => insertUsedProof(tx, solved.challenge, solved.expiresAt))) > 0;
}
