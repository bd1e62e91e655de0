import type { Db, Tx } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Scope } from './api-token.js';
import type { Operator } from './operator.js';

export const operatorColumns = raw('id, email, email_key, name, role, created_at');

export type ApiToken = { id: string; name: string; scopes: Scope[]; lastUsedAt: Date | null };

/** Undefined when it was revoked. */
export function findToken(db: Db | Tx, tokenHash: Buffer): Promise<ApiToken | undefined> {
  return db.maybe<ApiToken>(sql`
    select id, name, scopes, last_used_at
      from api_tokens
     where token_hash = ${tokenHash}
       and revoked_at is null
  `);
}

/** The response to the first request with a key. */
export function findIdempotencyKey(
  db: Db | Tx,
  tokenId: string | null,
  key: string,
): Promise<{ requestHash: Buffer; status: number; body: unknown } | undefined> {
  return db.maybe(sql`
    select request_hash, status, body
      from idempotency_keys
     where token_id is not distinct from ${tokenId}::uuid
       and key = ${key}
  `);
}

export type ListedToken = ApiToken & { createdAt: Date; revokedAt: Date | null };

/** Also revoked ones, newest first. */
export function listTokens(db: Db | Tx): Promise<ListedToken[]> {
  return db.many<ListedToken>(sql`
    select id, name, scopes, last_used_at, created_at, revoked_at
      from api_tokens
     order by id desc
  `);
}

/** Undefined when the account was removed. */
export function findOperator(db: Db | Tx, id: string): Promise<Operator | undefined> {
  return db.maybe<Operator>(sql`
    select ${operatorColumns}
      from operators
     where id = ${id}
       and removed_at is null
  `);
}

/** Accounts that were not removed, oldest first. */
export function listOperators(db: Db | Tx): Promise<Operator[]> {
  return db.many<Operator>(sql`
    select ${operatorColumns}
      from operators
     where removed_at is null
     order by id
  `);
}
