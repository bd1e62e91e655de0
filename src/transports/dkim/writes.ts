import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { StoredDkimKey } from './key.js';

/** Until the transaction ends, no other one can change the keys of this domain. */
export async function lockDkimKeys(tx: Tx, domain: string): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext(${`dkim:${domain}`}))`);
}

/** A new key in the state `waiting`. */
export function insertDkimKey(
  tx: Tx,
  key: Pick<StoredDkimKey, 'domain' | 'selector' | 'algorithm' | 'publicKey'>,
  now: Date,
): Promise<StoredDkimKey> {
  return tx.one<StoredDkimKey>(sql`
    insert into dkim_keys (domain, selector, algorithm, public_key, created_at)
    values (${key.domain}, ${key.selector}, ${key.algorithm}, ${key.publicKey}, ${now})
    returning id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
  `);
}

/** signing -> retired, all keys of a domain. */
export function retireSigningKeys(tx: Tx, domain: string, now: Date): Promise<StoredDkimKey[]> {
  return tx.many<StoredDkimKey>(sql`
    update dkim_keys
       set retired_at = ${now}
     where domain = ${domain}
       and signs_from is not null
       and retired_at is null
    returning id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
  `);
}

/** waiting -> signing, all keys of a domain. */
export function activateWaitingKeys(tx: Tx, domain: string, now: Date): Promise<StoredDkimKey[]> {
  return tx.many<StoredDkimKey>(sql`
    update dkim_keys
       set signs_from = ${now}
     where domain = ${domain}
       and signs_from is null
       and retired_at is null
    returning id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
  `);
}
