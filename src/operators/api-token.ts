import { createHash, randomBytes } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { insertToken, markTokenRevoked } from './access-writes.js';

export const scopes = ['read', 'write', 'send'] as const;
export type Scope = (typeof scopes)[number];

/**
 * Makes an API token. It is shown this once and kept only as a hash.
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

/** Takes a token back: from the next request on it opens nothing. False when there was nothing to take back. */
export async function revokeToken({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  return (await db.transaction((tx) => markTokenRevoked(tx, id, now()))) > 0;
}

/** High-entropy secrets need no salt and no slow hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
