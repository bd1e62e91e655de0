import type { Tx } from '../platform/db/database.js';
import { lockRights } from './account-writes.js';
import type { Operator } from './operator.js';
import { isOtherAdministratorThere, listSolelyOwned } from './reads.js';

/**
 * Why a right cannot be taken: nobody would be left who may let others in. `last-administrator`: of the server; `last-owner`: of
 * a publication, on a server without administrators.
 */
export type LastRight = 'last-administrator' | 'last-owner';

const SENTENCES: Readonly<Record<LastRight, string>> = {
  'last-administrator': 'This is the last administrator of the server: make another one first.',
  'last-owner': 'This is the last owner of a newsletter: make another one first.',
};

export function isLastRight(kind: string): kind is LastRight {
  return Object.hasOwn(SENTENCES, kind);
}

export function describeLastRight(right: LastRight): string {
  return SENTENCES[right];
}

/** Of whom an account, a role or a right is to be taken. */
type Holder = Pick<Operator, 'id' | 'isAdministrator'>;

/**
 * Whether somebody is the last who has a right. Until the transaction ends nobody else's rights are changed: of two people who
 * take the right from each other at once, one keeps it.
 */
export async function findLastRight(
  tx: Tx,
  { id, isAdministrator }: Holder,
  taken: 'administrator' | 'account' | { publicationId: string },
): Promise<LastRight | undefined> {
  await lockRights(tx);
  if (isAdministrator) {
    if (typeof taken !== 'string' || (await isOtherAdministratorThere(tx, id))) return undefined;
    return 'last-administrator';
  }
  const owned = await listSolelyOwned(tx, id);
  const isLast =
    typeof taken === 'string'
      ? owned.length > 0
      : owned.some(({ publicationId }) => publicationId === taken.publicationId);
  return isLast ? 'last-owner' : undefined;
}
