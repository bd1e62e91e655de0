import { roles, type Grant, type Operator, type Role } from '../../operators/operator.js';
import { listOperatorRoles } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';
import { findPublication } from '../../publications/reads.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';

/** What a command may make of somebody: `administrator` is for the whole server, the others for a publication. */
export const grantableRoles = ['administrator', ...roles] as const;
export type GrantableRole = (typeof grantableRoles)[number];

export function parseGrantableRole(text: string): GrantableRole {
  const role = grantableRoles.find((one) => one === text);
  if (role === undefined)
    throw new CliError(`role is one of ${grantableRoles.join(', ')}.\nNothing was changed.`, 2);
  return role;
}

/** @param slugs of the publications; none are named: the only one there is */
export async function toGrant(
  context: Pick<Context, 'db'>,
  role: GrantableRole,
  slugs: readonly string[] | undefined,
): Promise<Grant> {
  if (role !== 'administrator') return { role, publicationIds: await choosePublicationIds(context, slugs) };
  if (slugs !== undefined)
    throw new CliError(
      'An administrator may do everything on this server: leave --publication out, or say --role owner. Nothing was changed.',
      2,
    );
  return role;
}

async function choosePublicationIds(
  context: Pick<Context, 'db'>,
  slugs: readonly (string | undefined)[] = [undefined],
): Promise<string[]> {
  const ids: string[] = [];
  for (const slug of slugs) ids.push((await choosePublication(context, slug)).id);
  return ids;
}

export type ShownOperator = {
  id: string;
  email: string;
  name: string | null;
  administrator: boolean;
  roles: { publication: string; role: Role }[];
  createdAt: Date;
};

export async function operatorToJson(
  { db }: Pick<Context, 'db'>,
  { id, email, name, isAdministrator: administrator, createdAt }: Operator,
): Promise<ShownOperator> {
  const shown: ShownOperator['roles'] = [];
  for (const { publicationId, role } of await listOperatorRoles(db, id)) {
    const publication = await findPublication(db, publicationId);
    if (publication !== undefined) shown.push({ publication: publication.slug, role });
  }
  return { id, email, name, administrator, roles: shown, createdAt };
}

/** As in "administrator", or "editor at lantern, viewer at tides". */
export function describeRoles({
  administrator,
  roles: all,
}: Pick<ShownOperator, 'administrator' | 'roles'>): string {
  if (administrator) return 'administrator';
  return all.map(({ publication, role }) => `${role} at ${publication}`).join(', ') || 'no role';
}
