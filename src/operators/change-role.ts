import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { deleteRole, deleteSessionsOf, lockOperator, updateAdministrator } from './account-writes.js';
import { dropOperator } from './accounts.js';
import { recordActivity } from './activity/record-activity.js';
import { giveRole } from './give-role.js';
import type { Role } from './operator.js';
import { findOperatorRole, listOperatorRoles } from './reads.js';

type RoleContext = Pick<Context, 'db' | 'now' | 'actor'>;

type Changed = { kind: 'changed' } | { kind: 'same' } | { kind: 'unknown' };

/** Somebody at a publication; administrators have no role of their own there. */
type Place = { operatorId: string; publicationId: string };

/**
 * Gives an operator a role at a publication, or another in place of hers. Her sessions end, so that nothing that she has open
 * goes on under the old one.
 * @returns `unknown`: she has no account, or was removed
 */
export function setRole(context: RoleContext, place: Place & { role: Role }): Promise<Changed> {
  return context.db.transaction(async (tx) => {
    if ((await lockOperator(tx, place.operatorId)) === undefined) return { kind: 'unknown' };
    return afterwards(tx, place.operatorId, await giveRole(tx, context, place));
  });
}

/**
 * Takes an operator's role at a publication away. Who has none left and does not administer the server has no account any more:
 * it could open nothing.
 */
export function removeFromPublication(
  context: RoleContext,
  place: Place,
): Promise<{ kind: 'removed'; account: 'stays' | 'goes' } | { kind: 'unknown' }> {
  return context.db.transaction(async (tx) => {
    const operator = await lockMember(tx, place);
    if (operator === undefined) return { kind: 'unknown' };
    await takeRole(tx, context, place);
    const isNeeded = operator.isAdministrator || (await listOperatorRoles(tx, place.operatorId)).length > 0;
    if (isNeeded) await deleteSessionsOf(tx, place.operatorId);
    else await dropOperator(tx, context, place.operatorId);
    return { kind: 'removed', account: isNeeded ? 'stays' : 'goes' };
  });
}

/** Lets an operator do everything on this server, or no more than her roles allow. Her sessions end. */
export function setAdministrator(
  context: RoleContext,
  operatorId: string,
  isAdministrator: boolean,
): Promise<Changed> {
  return context.db.transaction(async (tx) => {
    if ((await lockOperator(tx, operatorId)) === undefined) return { kind: 'unknown' };
    return afterwards(tx, operatorId, await makeAdministrator(tx, context, operatorId, isAdministrator));
  });
}

/** The same within the caller's transaction; her sessions go on. False: she is that already. */
export async function makeAdministrator(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  operatorId: string,
  administrator: boolean,
): Promise<boolean> {
  if ((await updateAdministrator(tx, operatorId, administrator)) === 0) return false;
  await recordActivity(tx, context, {
    kind: 'operator.administrator-changed',
    publicationId: null,
    subjectId: operatorId,
    before: { administrator: !administrator },
    after: { administrator },
  });
  return true;
}

async function takeRole(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  { operatorId, publicationId }: Place,
): Promise<void> {
  const before = { role: (await findOperatorRole(tx, operatorId, publicationId))?.role ?? null };
  await deleteRole(tx, operatorId, publicationId);
  await recordActivity(tx, context, {
    kind: 'operator.role-changed',
    publicationId,
    subjectId: operatorId,
    before,
    after: { role: null },
  });
}

async function lockMember(tx: Tx, { operatorId, publicationId }: Place) {
  const operator = await lockOperator(tx, operatorId);
  const role = operator && (await findOperatorRole(tx, operatorId, publicationId));
  return role && operator;
}

async function afterwards(tx: Tx, operatorId: string, isChanged: boolean): Promise<Changed> {
  if (!isChanged) return { kind: 'same' };
  await deleteSessionsOf(tx, operatorId);
  return { kind: 'changed' };
}
