import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export function insertCappedMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into capped_mails (address_hash, publication_id, asked_at)
    values (${addressHash}, ${publicationId}, ${now})
  `);
}

/** She clicked: what we asked before no longer counts against her. */
export function resetMailCap(tx: Tx, addressHash: Buffer, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from capped_mails
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
  `);
}
