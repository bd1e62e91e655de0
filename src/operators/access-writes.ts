import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

export function insertToken(
  tx: Tx,
  token: {
    name: string;
    scopes: string[];
    tokenHash: Buffer;
    operatorId: string | null;
    publicationId: string | null;
  },
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into api_tokens (name, scopes, token_hash, operator_id, publication_id, created_at)
    values (${token.name}, ${token.scopes}, ${token.tokenHash}, ${token.operatorId}, ${token.publicationId}, ${now})
    returning id
  `);
}

export function insertEntryLink(
  tx: Tx,
  link: { tokenHash: Buffer; operatorId: string | null; expiresAt: Date },
): Promise<number> {
  return tx.run(sql`
    insert into operator_links (token_hash, operator_id, expires_at)
    values (${link.tokenHash}, ${link.operatorId}, ${link.expiresAt})
  `);
}

/** Undefined when it was used, has expired, or its operator was removed. */
export function markEntryLinkUsed(
  tx: Tx,
  tokenHash: Buffer,
  now: Date,
): Promise<{ operatorId: string | null } | undefined> {
  return tx.maybe<{ operatorId: string | null }>(sql`
    update operator_links
       set used_at = ${now}
     where token_hash = ${tokenHash}
       and used_at is null
       and expires_at > ${now}
       and not exists (select from operators where id = operator_id and removed_at is not null)
    returning operator_id
  `);
}

export function deleteExpiredEntryLinks(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_links
     where expires_at < ${now}
  `);
}

export function recordTokenUse(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update api_tokens
       set last_used_at = ${now}
     where id = ${id}
  `);
}

/** One request with a key at a time, until the transaction ends. False: another one has it. */
export async function tryLockIdempotencyKey(tx: Tx, tokenId: string | null, key: string): Promise<boolean> {
  const { locked } = await tx.one<{ locked: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtextextended(${`${tokenId ?? 'command line'} ${key}`}, 0)) as locked
  `);
  return locked;
}

/** A key with the response to its first request. */
export function insertIdempotencyKey(
  tx: Tx,
  request: { tokenId: string | null; key: string; requestHash: Buffer },
  response: { status: number; body: unknown; publicationId?: string | null },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into idempotency_keys (token_id, key, request_hash, status, body, publication_id, created_at)
    values (${request.tokenId}, ${request.key}, ${request.requestHash}, ${response.status},
            ${JSON.stringify(response.body ?? null)}, ${response.publicationId ?? null}, ${now})
  `);
}

export function deleteOldIdempotencyKeys(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from idempotency_keys
     where created_at < ${before}
  `);
}

/** Deletes responses that show a thing, by its id, for whoever erases the thing. They are kept a day: a scan finds few. */
export function deleteStoredResponsesAbout(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`
    delete from idempotency_keys
     where body ->> 'id' = ${id}
  `);
}

/** Of which publication a token to be revoked is; `withUnbound`: also one for all publications. */
export type TokenPlace = { publicationId: string; withUnbound: boolean };

/**
 * Undefined: there is no such token, or it was revoked before.
 * @param place null: anywhere
 */
export function markTokenRevoked(
  tx: Tx,
  id: string,
  place: TokenPlace | null,
  now: Date,
): Promise<{ publicationId: string | null } | undefined> {
  const isThere =
    place === null
      ? sql`true`
      : sql`(publication_id = ${place.publicationId} or (${place.withUnbound} and publication_id is null))`;
  return tx.maybe<{ publicationId: string | null }>(sql`
    update api_tokens
       set revoked_at = ${now}
     where id = ${id}
       and revoked_at is null
       and ${isThere}
    returning publication_id
  `);
}

/** All that somebody made. */
export function markTokensRevoked(
  tx: Tx,
  operatorId: string,
  now: Date,
): Promise<{ id: string; publicationId: string | null }[]> {
  return tx.many<{ id: string; publicationId: string | null }>(sql`
    update api_tokens
       set revoked_at = ${now}
     where operator_id = ${operatorId}
       and revoked_at is null
    returning id, publication_id
  `);
}

export function deleteExpiredSessions(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_sessions
     where expire < ${now}
  `);
}
