import { actingAs } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import {
  deleteSessionsOf,
  insertOperatorWithId,
  lockOperator,
  markEmailConfirmed,
  updateName,
} from '../account-writes.js';
import { recordActivity } from '../activity/record-activity.js';
import { makeAdministrator } from '../change-role.js';
import { giveRole } from '../give-role.js';
import type { Operator } from '../operator.js';
import { findOperatorByEmailKey } from '../reads.js';
import { summariseCredentials } from '../credentials/reads.js';
import { accountIdOf, invitedRole, type Invitation } from './invitation.js';
import { lockOpenInvitation, markInvitationAccepted } from './writes.js';

/** A link of an invitation. `isMailed`: it came by mail, so whoever has it has the address. */
export type Link = { invitation: Invitation; isMailed: boolean };

/**
 * Who accepts an invitation. `new`: somebody who has the link, for an address without an account or with one that nobody can
 * sign in to yet; `store` writes what she chose to sign in with. `signed-in`: somebody with an account.
 */
export type Acceptance =
  | { kind: 'new'; name: string | null; store(tx: Tx, operatorId: string): Promise<void> }
  | { kind: 'signed-in'; operatorId: string };

/**
 * `over`: it was accepted or withdrawn before, or has expired. `other-account`: she is signed in with another address.
 * `sign-in-first`: its address has an account that somebody signs in to. `mailed-only`: it has one that nobody has opened yet; a
 * link that was copied proves nothing about the address, and would give the account's other roles to whoever has it.
 */
export type Accepted =
  | { kind: 'accepted'; operatorId: string }
  | { kind: 'over' | 'other-account' | 'sign-in-first' | 'mailed-only' };

/** Nothing is changed unless it is accepted. All sessions of the account end, since its rights change. */
export function acceptInvitation(
  base: Pick<Context, 'db' | 'now'>,
  { invitation, isMailed }: Link,
  acceptance: Acceptance,
): Promise<Accepted> {
  const { db, now } = base;
  return db.transaction(async (tx) => {
    if ((await lockOpenInvitation(tx, invitation.id, now())) === undefined) return { kind: 'over' };
    const account = await findOperatorByEmailKey(tx, invitation.emailKey);
    const refusal = await findRefusal(tx, account, acceptance, { invitation, isMailed });
    if (refusal !== undefined) return { kind: refusal };
    await markInvitationAccepted(tx, invitation.id, now());
    const operatorId = accountIdOf(invitation, account);
    const context = actingAs(base, { kind: 'operator', id: operatorId });
    await openAccount(tx, context, { operatorId, account, invitation, acceptance });
    await grant(tx, context, operatorId, invitation);
    if (isMailed) await markEmailConfirmed(tx, operatorId, now());
    return { kind: 'accepted', operatorId };
  });
}

async function findRefusal(
  tx: Tx,
  account: Operator | undefined,
  acceptance: Acceptance,
  link: Link,
): Promise<'other-account' | 'sign-in-first' | 'mailed-only' | undefined> {
  if (acceptance.kind === 'signed-in')
    return account?.id === acceptance.operatorId ? undefined : 'other-account';
  if (account === undefined) return undefined;
  if (await isSignedInTo(tx, account.id)) return 'sign-in-first';
  return mayOpen(link, account) ? undefined : 'mailed-only';
}

/** Whether an account that nobody has opened yet may be opened by a link: by its own, or by one that was mailed to it. */
export function mayOpen({ invitation, isMailed }: Link, { id }: Pick<Operator, 'id'>): boolean {
  return isMailed || invitation.operatorId === id;
}

/** Whether somebody has chosen what she signs in with. */
async function isSignedInTo(tx: Tx, operatorId: string): Promise<boolean> {
  await lockOperator(tx, operatorId);
  const { passwordChangedAt, passkeys } = await summariseCredentials(tx, operatorId);
  return passwordChangedAt !== null || passkeys > 0;
}

type Acting = Pick<Context, 'now' | 'actor'>;

async function openAccount(
  tx: Tx,
  context: Acting,
  parts: {
    operatorId: string;
    account: Operator | undefined;
    invitation: Invitation;
    acceptance: Acceptance;
  },
): Promise<void> {
  const { operatorId, account, invitation, acceptance } = parts;
  if (account === undefined) {
    await insertOperatorWithId(tx, operatorId, invitation, context.now());
    const created = { publicationId: null, subjectId: operatorId, after: { role: invitedRole(invitation) } };
    await recordActivity(tx, context, { kind: 'operator.created', ...created });
  }
  await deleteSessionsOf(tx, operatorId);
  if (acceptance.kind === 'signed-in') return;
  if (acceptance.name !== null) await updateName(tx, operatorId, acceptance.name);
  await acceptance.store(tx, operatorId);
}

async function grant(tx: Tx, context: Acting, operatorId: string, invitation: Invitation): Promise<void> {
  const { id: subjectId, publicationId, role, isAdministrator } = invitation;
  const after = { role: invitedRole(invitation) };
  await recordActivity(tx, context, { kind: 'invitation.accepted', publicationId, subjectId, after });
  if (isAdministrator) await makeAdministrator(tx, context, operatorId, true);
  if (publicationId !== null && role !== null)
    await giveRole(tx, context, { operatorId, publicationId, role });
}
