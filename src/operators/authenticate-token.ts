import type { Context } from '../platform/context.js';
import { hashSecret } from './api-token.js';
import { findToken, type ApiToken } from './reads.js';
import { recordTokenUse } from './access-writes.js';

/** When a token was used is known to the minute: not every request needs a write. */
const LAST_USED_PRECISION_MS = 60_000;

/** The token a program showed, if it is one of ours and not revoked. */
export async function authenticateToken(
  { db, now }: Pick<Context, 'db' | 'now'>,
  secret: string,
): Promise<ApiToken | undefined> {
  const token = await findToken(db, hashSecret(secret));
  if (token === undefined) return undefined;
  const age = now().getTime() - (token.lastUsedAt?.getTime() ?? 0);
  if (age > LAST_USED_PRECISION_MS) await db.transaction((tx) => recordTokenUse(tx, token.id, now()));
  return token;
}
