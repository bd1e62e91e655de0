import type { Context } from '../platform/context.js';
import { withAsciiDomain } from '../platform/mail/address.js';
import type { NewOperator, Operator } from './operator.js';
import { insertOperator, markOperatorRemoved } from './account-writes.js';
import { recordActivity } from './activity/record-activity.js';

/** Gives a person an account. Undefined when the address has one. */
export function createOperator(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { email, ...operator }: NewOperator,
): Promise<Operator | undefined> {
  const { db, now } = context;
  const asciiEmail = withAsciiDomain(email);
  const row = { ...operator, email: asciiEmail, emailKey: toEmailKey(asciiEmail) };
  return db.transaction(async (tx) => {
    const created = await insertOperator(tx, row, now());
    if (created === undefined) return undefined;
    const { id, role } = created;
    const change = { kind: 'operator.created', publicationId: null, subjectId: id, after: { role } } as const;
    await recordActivity(tx, context, change);
    return created;
  });
}

/** From the operator's next request on, access is refused, and alerts stop. False when there was no such account. */
export function removeOperator(context: Pick<Context, 'db' | 'now' | 'actor'>, id: string): Promise<boolean> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if ((await markOperatorRemoved(tx, id, now())) === 0) return false;
    await recordActivity(tx, context, { kind: 'operator.removed', publicationId: null, subjectId: id });
    return true;
  });
}

/** The same for every spelling of an address. It agrees with `parseAddress`, so that a suppression holds for operators too. */
export function toEmailKey(email: string): string {
  return withAsciiDomain(email.normalize('NFC')).toLowerCase();
}
