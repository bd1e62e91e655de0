import { createHash, randomBytes } from 'node:crypto';
import { lineSchema } from '../platform/text/safe-text.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { insertToken, markTokenRevoked, markTokensRevoked, type TokenPlace } from './access-writes.js';
import { recordActivities, recordActivity } from './activity/record-activity.js';

export const scopes = ['read', 'write', 'send'] as const;
export type Scope = (typeof scopes)[number];

/** What a token is for, as an operator says it. */
export const tokenNameSchema = lineSchema(200);

type TokenContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** Who makes a token, and for which publication; null: the command line, and all that its maker may reach. */
type TokenBinding = { operatorId: string | null; publicationId: string | null };

const UNBOUND: TokenBinding = { operatorId: null, publicationId: null };

/**
 * Creates an API token, which is stored only as a hash: nobody can show it again. It may never do more than its maker may at
 * that moment.
 * @returns the token, `pr_` and 256 random bits
 */
export async function createToken(
  context: TokenContext,
  { name, scopes, ...given }: { name: string; scopes: Scope[] } & Partial<TokenBinding>,
): Promise<{ id: string; token: string }> {
  const token = `pr_${randomBytes(32).toString('base64url')}`;
  const { db, now } = context;
  const binding = { ...UNBOUND, ...given };
  const id = await db.transaction(async (tx) => {
    const row = await insertToken(tx, { name, scopes, tokenHash: hashSecret(token), ...binding }, now());
    const { publicationId } = binding;
    const created = { kind: 'token.created', publicationId, subjectId: row.id, after: { scopes } } as const;
    await recordActivity(tx, context, created);
    return row.id;
  });
  return { id, token };
}

/**
 * From the next request on the token is refused. False when there is no such token, or it was revoked before.
 * @param place where it has to be, for who may revoke only tokens there
 */
export function revokeToken(
  context: TokenContext,
  id: string,
  place: TokenPlace | null = null,
): Promise<boolean> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const revoked = await markTokenRevoked(tx, id, place, now());
    if (revoked === undefined) return false;
    await recordActivity(tx, context, { kind: 'token.revoked', ...revoked, subjectId: id });
    return true;
  });
}

/** All that somebody made, with the account. */
export async function revokeTokensOf(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  operatorId: string,
): Promise<void> {
  const revoked = await markTokensRevoked(tx, operatorId, context.now());
  await recordActivities(
    tx,
    context,
    revoked.map(({ id: subjectId, publicationId }) => ({ kind: 'token.revoked', publicationId, subjectId })),
  );
}

/** Without salt or a slow hash: 192 random bits or more cannot be guessed from their hash. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
