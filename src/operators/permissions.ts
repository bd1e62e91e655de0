import type { Db, Tx } from '../platform/db/database.js';
import type { Operator, Role } from './operator.js';
import { findOperatorRole } from './reads.js';

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
 * Who may do everything on this server.
 * @param operator undefined: a link that the command line made for nobody in particular, who has the database, too
 */
export function mayAdminister(operator: Pick<Operator, 'isAdministrator'> | undefined): boolean {
  return operator === undefined || operator.isAdministrator;
}

/**
 * An operator's role at a publication; undefined: none.
 * @param operator undefined: a link that the command line made for nobody in particular
 */
export async function findRole(
  db: Db | Tx,
  operator: Pick<Operator, 'id' | 'isAdministrator'> | undefined,
  publicationId: string,
): Promise<Role | undefined> {
  if (operator === undefined || operator.isAdministrator) return 'owner';
  return (await findOperatorRole(db, operator.id, publicationId))?.role;
}
