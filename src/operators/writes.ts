import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

export function insertToken(
  tx: Tx,
  token: { name: string; scopes: string[]; tokenHash: Buffer },
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into api_tokens (name, scopes, token_hash, created_at)
    values (${token.name}, ${token.scopes}, ${token.tokenHash}, ${now})
    returning id
  `);
}

export function insertLink(tx: Tx, tokenHash: Buffer, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    insert into operator_links (token_hash, expires_at)
    values (${tokenHash}, ${expiresAt})
  `);
}

/** unused -> used. Zero when it was used, or its time is over. */
export function useLink(tx: Tx, tokenHash: Buffer, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_links
       set used_at = ${now}
     where token_hash = ${tokenHash}
       and used_at is null
       and expires_at > ${now}
  `);
}

export function deleteOldLinks(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_links
     where expires_at < ${now}
  `);
}
