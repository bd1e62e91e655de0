import type { Context } from '../platform/context.js';
import { withAsciiDomain } from '../platform/mail/address.js';
import type { NewOperator, Operator } from './operator.js';
import { insertOperator, markOperatorRemoved } from './account-writes.js';

/** Gives a person an account. Undefined when the address has one. */
export function createOperator(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { email, ...operator }: NewOperator,
): Promise<Operator | undefined> {
  const written = withAsciiDomain(email);
  const row = { ...operator, email: written, emailKey: toEmailKey(written) };
  return db.transaction((tx) => insertOperator(tx, row, now()));
}

/** From her next request on she is out, and she is told nothing more. False when there was no such account. */
export async function removeOperator({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  return (await db.transaction((tx) => markOperatorRemoved(tx, id, now()))) > 0;
}

/** The same for every way of writing an address, and the same as for readers: one suppression holds for both. */
export function toEmailKey(email: string): string {
  return withAsciiDomain(email.normalize('NFC')).toLowerCase();
}
