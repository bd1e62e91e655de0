import type { Context } from '../platform/context.js';
import { useProof } from './attack-writes.js';

/**
 * Takes work that a form's sender did, once.
 * @param payload what the form's field `proof` holds
 * @returns false for what is not solved, too late, of another publication, or was taken before
 */
export async function acceptProof(
  { db, now, proofs }: Pick<Context, 'db' | 'now' | 'proofs'>,
  publicationId: string,
  payload: string,
): Promise<boolean> {
  const solved = await proofs.check(publicationId, payload, now());
  if (solved === undefined) return false;
  return (await db.transaction((tx) => useProof(tx, solved.challenge, solved.expiresAt))) > 0;
}
