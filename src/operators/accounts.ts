import type { Context } from '../platform/context.js';
import { withAsciiDomain } from '../platform/mail/address.js';
import type { NewOperator, Operator } from './operator.js';
import { insertOperator, markOperatorRemoved } from './account-writes.js';

/** Gives a person an account. Undefined when the address has one. */
export function createOperator(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { email, ...operator }: NewOperator,
): Promise<Operator | undefined> {
  const asciiEmail = withAsciiDomain(email);
  const row = { ...operator, email: asciiEmail, emailKey: toEmailKey(asciiEmail) };
  return db.transaction((tx) => insertOperator(tx, row, now()));
}

/** From the operator's next request on, access is refused, and alerts stop. False when there was no such account. */
export async function removeOperator({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  return (await db.transaction((tx) => markOperatorRemoved(tx, id, now()))) > 0;
}

/** The same for every spelling of an address. It agrees with `parseAddress`, so that a suppression holds for operators too. */
export function toEmailKey(email: string): string {
  return withAsciiDomain(email.normalize('NFC')).toLowerCase();
}
