import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Those whose keyed hash is not stored yet, in id order, locked. */
export function lockUnhashedSubscribers(tx: Tx, limit: number): Promise<{ id: string; emailKey: string }[]> {
  return tx.many(sql`
    select id, email_key
      from subscribers
     where address_hash is null
       and email_key not like 'erased %'
     order by id
     limit ${limit}
       for no key update skip locked
  `);
}

/** Of one address, where it has a row. */
export function storeAddressHash(tx: Tx, emailKey: string, addressHash: Buffer): Promise<number> {
  return tx.run(sql`
    update subscribers
       set address_hash = ${addressHash}
     where email_key = ${emailKey}
       and address_hash is null
  `);
}

export function storeAddressHashes(
  tx: Tx,
  rows: readonly { id: string; addressHash: Buffer }[],
): Promise<number> {
  return tx.run(sql`
    update subscribers p
       set address_hash = hashed.address_hash
      from unnest(${arrayLiteral(rows.map(({ id }) => id))}::uuid[],
                  ${byteaArrayLiteral(rows.map(({ addressHash }) => addressHash))}::bytea[]) as hashed (id, address_hash)
     where p.id = hashed.id
  `);
}
