import { randomBytes } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { hashSecret } from './api-token.js';
import { listOperators } from './reads.js';
import { insertEntryLink, markEntryLinkUsed } from './access-writes.js';

const LINK_LIFETIME_MS = 15 * 60_000;

/**
 * A link into the operator's pages: works once, for a quarter of an hour, and is kept only as a hash.
 * @param operatorId who comes in with it; null: whoever may run commands on the server
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

/** The only operator's; nobody's in particular where there are none, or several. */
export async function createDefaultEntryLink(
  context: Pick<Context, 'db' | 'now' | 'publicUrl'>,
): Promise<string> {
  const [only, another] = await listOperators(context.db);
  return createEntryLink(context, another === undefined ? only?.id : null);
}

/** Uses a link up, and says whose it was. Undefined when it was used before, is too old, or never was one. */
export function consumeEntryLink(
  { db, now }: Pick<Context, 'db' | 'now'>,
  secret: string,
): Promise<{ operatorId: string | null } | undefined> {
  return db.transaction((tx) => markEntryLinkUsed(tx, hashSecret(secret), now()));
}
