import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { CappedKind } from './mail-cap.js';

export function insertCappedMail(
  tx: Tx,
  { mailboxHash, publicationId, kind }: { mailboxHash: Buffer; publicationId: string; kind: CappedKind },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into capped_mails (address_hash, publication_id, kind, asked_at)
    values (${mailboxHash}, ${publicationId}, ${kind}, ${now})
  `);
}

/** She clicked: what we asked before no longer counts against her. */
export function resetMailCap(tx: Tx, mailboxHash: Buffer, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from capped_mails
     where address_hash = ${mailboxHash}
       and publication_id = ${publicationId}
       and kind = 'unclicked'
  `);
}
