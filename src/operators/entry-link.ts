import { randomBytes } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { MINUTE_MS } from '../platform/durations.js';
import { hashSecret } from './api-token.js';
import { listOperators } from './reads.js';
import { insertEntryLink, markEntryLinkUsed } from './access-writes.js';

const LINK_LIFETIME_MS = 15 * MINUTE_MS;

/**
 * A link to sign in to the dashboard with: it works once, within `LINK_LIFETIME_MS`, and is stored only as a hash.
 * @param operatorId whom it signs in; null: nobody in particular, for whoever may run commands on the server
 */
export async function createEntryLink(
  { db, now, publicUrl }: Pick<Context, 'db' | 'now' | 'publicUrl'>,
  operatorId: string | null = null,
): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  const expiresAt = new Date(now().getTime() + LINK_LIFETIME_MS);
  await db.transaction((tx) => insertEntryLink(tx, { tokenHash: hashSecret(secret), operatorId, expiresAt }));
  return `${publicUrl}/operator/enter/${secret}`;
}

/** Signs in the only operator, or nobody in particular where there are none or several. */
export async function createDefaultEntryLink(
  context: Pick<Context, 'db' | 'now' | 'publicUrl'>,
): Promise<string> {
  const [first, second] = await listOperators(context.db);
  return createEntryLink(context, second === undefined ? first?.id : null);
}

/** Undefined when the link was used before, has expired, or never existed. */
export function consumeEntryLink(
  { db, now }: Pick<Context, 'db' | 'now'>,
  secret: string,
): Promise<{ operatorId: string | null } | undefined> {
  return db.transaction((tx) => markEntryLinkUsed(tx, hashSecret(secret), now()));
}
