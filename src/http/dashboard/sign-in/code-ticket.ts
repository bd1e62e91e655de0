import { summariseCredentials } from '../../../operators/credentials/reads.js';
import { findOperator } from '../../../operators/reads.js';
import type { Context } from '../../../platform/context.js';
import { MINUTE_MS } from '../../../platform/durations.js';

type TicketContext = Pick<Context, 'db' | 'links' | 'now'>;

const TICKET_PURPOSE = 'operator-code';
const TICKET_LIFETIME_MS = 10 * MINUTE_MS;

/** That somebody has typed the password which was set at that time; a code is still to come. */
export function writeTicket(
  { links, now }: Pick<TicketContext, 'links' | 'now'>,
  operatorId: string,
  changedAt: Date,
): string {
  const expiresAt = new Date(now().getTime() + TICKET_LIFETIME_MS);
  const number = Math.floor(changedAt.getTime() / 1000);
  return links.sign(TICKET_PURPOSE, { scope: operatorId, subject: operatorId, number, expiresAt });
}

/** Whose ticket it is. Undefined: it is not ours, has expired, or the password was changed since. */
export async function readTicket(context: TicketContext, ticket: string): Promise<string | undefined> {
  const claims = context.links.verify(TICKET_PURPOSE, ticket, context.now());
  if (claims.kind !== 'valid') return undefined;
  const operator = await findOperator(context.db, claims.subject);
  const { passwordChangedAt } = await summariseCredentials(context.db, claims.subject);
  const changed = Math.floor((passwordChangedAt?.getTime() ?? 0) / 1000);
  return operator !== undefined && changed === claims.number ? operator.id : undefined;
}
