import type { Context } from '../../platform/context.js';
import { toEmailKey } from '../accounts.js';
import type { Operator } from '../operator.js';
import { afterCredentialChange } from './record-credential-change.js';
import { hashPassword, verifyPassword } from './hash-password.js';
import { findPasswordMistake, type PasswordMistake } from './password-rules.js';
import { findPasswordAccount } from './reads.js';
import { upsertPassword } from './writes.js';

export type HashedPassword = { kind: 'hashed'; hash: string } | { kind: 'refused'; mistake: PasswordMistake };

/**
 * A password that somebody chose, if it may be taken.
 * @param about her address and name
 */
export async function hashChosenPassword(
  password: string,
  about: readonly string[],
): Promise<HashedPassword> {
  const mistake = await findPasswordMistake(password, about);
  if (mistake !== undefined) return { kind: 'refused', mistake };
  return { kind: 'hashed', hash: await hashPassword(password) };
}

/**
 * Sets or changes an operator's password: her other sessions end, and her address is told.
 * @param keepSid the session in which she does it
 */
export async function changePassword(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { id: operatorId, email, name }: Pick<Operator, 'id' | 'email' | 'name'>,
  { password, keepSid }: { password: string; keepSid: string },
): Promise<{ kind: 'changed' } | { kind: 'refused'; mistake: PasswordMistake }> {
  const hashed = await hashChosenPassword(password, [email, name ?? '']);
  if (hashed.kind === 'refused') return hashed;
  await context.db.transaction(async (tx) => {
    await upsertPassword(tx, operatorId, hashed.hash, context.now());
    await afterCredentialChange(tx, context, { operatorId, kind: 'password', keepSid });
  });
  return { kind: 'changed' };
}

/** `changedAt`: of the password that was right. */
export type PasswordCheck = { kind: 'right'; operator: Operator; changedAt: Date } | { kind: 'wrong' };

/**
 * Checks an address and a password. It takes as long for an address without an account, or an account without a password.
 * @throws TooManyWaitingError
 */
export async function checkPassword(
  { db }: Pick<Context, 'db'>,
  { email, password }: { email: string; password: string },
): Promise<PasswordCheck> {
  const account = await findPasswordAccount(db, toEmailKey(email));
  const isRight = await verifyPassword(account?.hash ?? undefined, password);
  if (!isRight || account?.changedAt === null || account === undefined) return { kind: 'wrong' };
  return { kind: 'right', operator: account.operator, changedAt: account.changedAt };
}
