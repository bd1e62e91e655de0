import type { Db, Tx } from '../platform/db/database.js';
import type { Operator, Role } from './operator.js';

export type { Role } from './operator.js';

/** What somebody with a role may do at a publication: look at it, change it, or decide who else may. */
export type Permission = 'look' | 'change' | 'own';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['look'],
  editor: ['look', 'change'],
  owner: ['look', 'change', 'own'],
};

export function mayDo(role: Role, permission: Permission): boolean {
  return PERMISSIONS[role].includes(permission);
}

/**
 * An operator's role at a publication; undefined: none.
 * @param operator undefined: a link that the command line made for nobody in particular, who has the database, too
 */
export async function findRole(
  _db: Db | Tx,
  operator: Operator | undefined,
  _publicationId: string,
): Promise<Role | undefined> {
  return operator === undefined ? 'owner' : operator.role;
}
