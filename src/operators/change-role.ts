import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { deleteRole, lockOperator, updateAdministrator } from './account-writes.js';
import { dropOperator } from './accounts.js';
import { recordActivity } from './activity/record-activity.js';
import { endWhatWasOpen } from './end-what-was-open.js';
import { giveRole } from './give-role.js';
import { findLastRight, type LastRight } from './last-right.js';
import type { Operator, Role } from './operator.js';
import { findOperatorRole, listOperatorRoles } from './reads.js';

type RoleContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** `same`: that was so. `unknown`: she has no account, or was removed. */
export type RoleChanged = { kind: 'changed' | 'same' | 'unknown' | LastRight };

/** Somebody at a publication; administrators have no role of their own there. */
type Place = { operatorId: string; publicationId: string };

/**
 * Gives an operator a role at a publication, or another in place of hers. Her sessions end, so that nothing that she has open
 * goes on under the old one.
 */
export function setRole(context: RoleContext, place: Place & { role: Role }): Promise<RoleChanged> {
  return context.db.transaction(async (tx) => {
    const operator = await lockOperator(tx, place.operatorId);
    return operator === undefined ? { kind: 'unknown' } : replaceRole(tx, context, operator, place);
  });
}

/**
 * The same for somebody who has a role there already, by an owner of the publication: of whom she has not invited she knows
 * nothing.
 */
export function changeRole(context: RoleContext, place: Place & { role: Role }): Promise<RoleChanged> {
  return context.db.transaction(async (tx) => {
    const member = await lockMember(tx, place);
    return member === undefined ? { kind: 'unknown' } : replaceRole(tx, context, member, place);
  });
}

/**
 * Takes an operator's role at a publication away. Who has none left and does not administer the server has no account any more:
 * it could open nothing.
 */
export function removeFromPublication(
  context: RoleContext,
  place: Place,
): Promise<{ kind: 'removed'; account: 'stays' | 'goes' } | { kind: 'unknown' | LastRight }> {
  return context.db.transaction(async (tx) => {
    const operator = await lockMember(tx, place);
    if (operator === undefined) return { kind: 'unknown' };
    const last = await findLastRight(tx, operator, place);
    if (last !== undefined) return { kind: last };
    await takeRole(tx, context, place);
    const isNeeded = operator.isAdministrator || (await listOperatorRoles(tx, place.operatorId)).length > 0;
    if (isNeeded) await endWhatWasOpen(tx, context, place.operatorId);
    else await dropOperator(tx, context, place.operatorId);
    return { kind: 'removed', account: isNeeded ? 'stays' : 'goes' };
  });
}

/** Lets an operator do everything on this server, or no more than her roles allow. Her sessions end. */
export function setAdministrator(
  context: RoleContext,
  operatorId: string,
  isAdministrator: boolean,
): Promise<RoleChanged> {
  return context.db.transaction(async (tx) => {
    const operator = await lockOperator(tx, operatorId);
    if (operator === undefined) return { kind: 'unknown' };
    const last = isAdministrator ? undefined : await findLastRight(tx, operator, 'administrator');
    if (operator.isAdministrator && last !== undefined) return { kind: last };
    return afterwards(
      tx,
      context,
      operatorId,
      await makeAdministrator(tx, context, operatorId, isAdministrator),
    );
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

async function replaceRole(
  tx: Tx,
  context: RoleContext,
  operator: Operator,
  place: Place & { role: Role },
): Promise<RoleChanged> {
  const last = place.role === 'owner' ? undefined : await findLastRight(tx, operator, place);
  if (last !== undefined) return { kind: last };
  return afterwards(tx, context, operator.id, await giveRole(tx, context, place));
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

async function afterwards(
  tx: Tx,
  context: RoleContext,
  operatorId: string,
  isChanged: boolean,
): Promise<RoleChanged> {
  if (!isChanged) return { kind: 'same' };
  await endWhatWasOpen(tx, context, operatorId);
  return { kind: 'changed' };
}
