import type { Db, Tx } from '../platform/db/database.js';
import type { Role } from './operator.js';
import { listOperatorRoles, type AuthenticatedToken } from './reads.js';

/** What a token may do now: never more than its maker may, and no more than what it is bound to. */
export type TokenRights = {
  /** The whole server: to make a publication, for example. */
  mayAdminister: boolean;
  /** The role at each publication that it reaches. */
  roles: ReadonlyMap<string, Role>;
};

/** @param listAllIds every publication there is, archived ones too; asked only for a token that reaches all of them */
export async function readTokenRights(
  db: Db | Tx,
  { operatorId, publicationId, isMakerAdministrator }: AuthenticatedToken,
  listAllIds: () => Promise<readonly string[]>,
): Promise<TokenRights> {
  const allIds = async () => (publicationId === null ? listAllIds() : [publicationId]);
  const roles = isMakerAdministrator
    ? (await allIds()).map((id): [string, Role] => [id, 'owner'])
    : await makersRoles(db, operatorId);
  const within = roles.filter(([id]) => publicationId === null || id === publicationId);
  return { mayAdminister: isMakerAdministrator && publicationId === null, roles: new Map(within) };
}

async function makersRoles(db: Db | Tx, operatorId: string | null): Promise<[string, Role][]> {
  const roles = operatorId === null ? [] : await listOperatorRoles(db, operatorId);
  return roles.map(({ publicationId, role }) => [publicationId, role]);
}
