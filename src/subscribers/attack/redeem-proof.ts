import type { Context } from '../../platform/context.js';
import { insertUsedProof } from './writes.js';

/**
 * Takes work that a form's sender did, once.
 * @param payload what the form's field `proof` holds
 * @returns false for what is not solved, too late, of another publication, or was taken before
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
