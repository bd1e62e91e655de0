import { createHash, randomBytes } from 'node:crypto';
import { lineSchema } from '../platform/text/safe-text.js';
import type { Context } from '../platform/context.js';
import { insertToken, markTokenRevoked } from './access-writes.js';
import { recordActivity } from './activity/record-activity.js';

export const scopes = ['read', 'write', 'send'] as const;
export type Scope = (typeof scopes)[number];

/** What a token is for, as an operator says it. */
export const tokenNameSchema = lineSchema(200);

/**
 * Creates an API token, which is stored only as a hash: nobody can show it again.
 * @returns the token, `pr_` and 256 random bits
 */
export async function createToken(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  { name, scopes }: { name: string; scopes: Scope[] },
): Promise<{ id: string; token: string }> {
  const token = `pr_${randomBytes(32).toString('base64url')}`;
  const { db, now } = context;
  const id = await db.transaction(async (tx) => {
    const row = await insertToken(tx, { name, scopes, tokenHash: hashSecret(token) }, now());
    const created = {
      kind: 'token.created',
      publicationId: null,
      subjectId: row.id,
      after: { scopes },
    } as const;
    await recordActivity(tx, context, created);
    return row.id;
  });
  return { id, token };
}

/** From the next request on the token is refused. False when there is no such token, or it was revoked before. */
export function revokeToken(context: Pick<Context, 'db' | 'now' | 'actor'>, id: string): Promise<boolean> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    if ((await markTokenRevoked(tx, id, now())) === 0) return false;
    await recordActivity(tx, context, { kind: 'token.revoked', publicationId: null, subjectId: id });
    return true;
  });
}

/** Without salt or a slow hash: 192 random bits or more cannot be guessed from their hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
