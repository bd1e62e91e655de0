import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { StoredDkimKey } from './key.js';

/** Every key, retired ones included, domain by domain, oldest first. */
export function listDkimKeys(db: Db | Tx): Promise<StoredDkimKey[]> {
  return db.many<StoredDkimKey>(sql`
    select id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
      from dkim_keys
     order by domain, id
  `);
}

/** Every key of a domain, retired ones included, oldest first. */
export function listDkimKeysOf(db: Db | Tx, domain: string): Promise<StoredDkimKey[]> {
  return db.many<StoredDkimKey>(sql`
    select id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
      from dkim_keys
     where domain = ${domain}
     order by id
  `);
}

/** The keys that sign for a domain now. */
export function listSigningKeys(db: Db | Tx, domain: string, now: Date): Promise<StoredDkimKey[]> {
  return db.many<StoredDkimKey>(sql`
    select id, domain, selector, algorithm, public_key, created_at, signs_from, retired_at
      from dkim_keys
     where domain = ${domain}
       and signs_from <= ${now}
       and retired_at is null
     order by id
  `);
}
