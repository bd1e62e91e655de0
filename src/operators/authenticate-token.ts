import type { Context } from '../platform/context.js';
import { MINUTE_MS } from '../platform/durations.js';
import { hashSecret } from './api-token.js';
import { findToken, type AuthenticatedToken } from './reads.js';
import { recordTokenUse } from './access-writes.js';

/** Not every request needs a write. */
const LAST_USED_PRECISION_MS = MINUTE_MS;

/** Undefined: not a token of ours, a revoked one, or one whose maker has no account any more. */
export async function authenticateToken(
  { db, now }: Pick<Context, 'db' | 'now'>,
  secret: string,
): Promise<AuthenticatedToken | undefined> {
  const token = await findToken(db, hashSecret(secret));
  if (token === undefined) return undefined;
  const age = now().getTime() - (token.lastUsedAt?.getTime() ?? 0);
  if (age > LAST_USED_PRECISION_MS) await db.transaction((tx) => recordTokenUse(tx, token.id, now()));
  return token;
}
