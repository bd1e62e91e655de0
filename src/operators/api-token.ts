import { createHash, randomBytes } from 'node:crypto';
import { lineSchema } from '../platform/text/safe-text.js';
import type { Context } from '../platform/context.js';
import { insertToken, markTokenRevoked } from './access-writes.js';

export const scopes = ['read', 'write', 'send'] as const;
export type Scope = (typeof scopes)[number];

/** What a token is for, as an operator says it. */
export const tokenNameSchema = lineSchema(200);

/**
 * Creates an API token, which is stored only as a hash: nobody can show it again.
 * @returns the token, `pr_` and 256 random bits
 */
export async function createToken(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { name, scopes }: { name: string; scopes: Scope[] },
): Promise<{ id: string; token: string }> {
  const token = `pr_${randomBytes(32).toString('base64url')}`;
  const row = await db.transaction((tx) =>
    insertToken(tx, { name, scopes, tokenHash: hashSecret(token) }, now()),
  );
  return { id: row.id, token };
}

/** From the next request on the token is refused. False when there is no such token, or it was revoked before. */
export async function revokeToken({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  return (await db.transaction((tx) => markTokenRevoked(tx, id, now()))) > 0;
}

/** Without salt or a slow hash: 192 random bits or more cannot be guessed from their hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
