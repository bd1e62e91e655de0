import type { Context } from '../platform/context.js';
import { deleteSecret } from '../platform/crypto/wrapped-keys.js';
import type { Tx } from '../platform/db/database.js';
import { withAsciiDomain } from '../platform/mail/address.js';
import type { Grant, NewOperator, Operator } from './operator.js';
import { recordActivity } from './activity/record-activity.js';
import { revokeTokensOf } from './api-token.js';
import { endWhatWasOpen } from './end-what-was-open.js';
import { giveRole } from './give-role.js';
import { findLastRight, type LastRight } from './last-right.js';
import {
  deleteCredentials,
  deleteRoles,
  insertOperator,
  lockOperator,
  markOperatorRemoved,
} from './account-writes.js';

/** Gives a person an account. Undefined when the address has one. */
export function createOperator(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { grant, ...account }: NewOperator & { grant: Grant },
): Promise<Operator | undefined> {
  return context.db.transaction((tx) => addOperator(tx, context, account, grant));
}

/** The same within the caller's transaction. */
export async function addOperator(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  { email, name }: NewOperator,
  grant: Grant,
): Promise<Operator | undefined> {
  const asciiEmail = withAsciiDomain(email);
  const isAdministrator = grant === 'administrator';
  const row = { name, isAdministrator, email: asciiEmail, emailKey: toEmailKey(asciiEmail) };
  const operator = await insertOperator(tx, row, context.now());
  if (operator === undefined) return undefined;
  const { id: operatorId } = operator;
  const after = { role: grant === 'administrator' ? grant : grant.role };
  await recordActivity(tx, context, {
    kind: 'operator.created',
    publicationId: null,
    subjectId: operatorId,
    after,
  });
  for (const publicationId of grant === 'administrator' ? [] : grant.publicationIds)
    if (grant !== 'administrator')
      await giveRole(tx, context, { operatorId, publicationId, role: grant.role });
  return operator;
}

/**
 * From the operator's next request on, access is refused, also to API tokens that she made; alerts stop.
 * @returns `unknown`: there was no such account
 */
export function removeOperator(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  id: string,
): Promise<{ kind: 'removed' | 'unknown' | LastRight }> {
  return context.db.transaction(async (tx) => {
    const operator = await lockOperator(tx, id);
    if (operator === undefined) return { kind: 'unknown' };
    const last = await findLastRight(tx, operator, 'account');
    if (last !== undefined) return { kind: last };
    await dropOperator(tx, context, id);
    return { kind: 'removed' };
  });
}

/** Removes an account that is there, whatever its rights, within the caller's transaction. */
export async function dropOperator(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  id: string,
): Promise<void> {
  await markOperatorRemoved(tx, id, context.now());
  await recordActivity(tx, context, { kind: 'operator.removed', publicationId: null, subjectId: id });
  await endWhatWasOpen(tx, context, id);
  await revokeTokensOf(tx, context, id);
  await deleteRoles(tx, id);
  await deleteCredentials(tx, id);
  await deleteSecret(tx, totpPurpose(id));
}

/** The name of the secret of an operator's codes, among the wrapped keys. */
export function totpPurpose(operatorId: string): string {
  return `operator-totp:${operatorId}`;
}

/** The same for every spelling of an address. It agrees with `parseAddress`, so that a suppression holds for operators too. */
export function toEmailKey(email: string): string {
  return withAsciiDomain(email.normalize('NFC')).toLowerCase();
}
