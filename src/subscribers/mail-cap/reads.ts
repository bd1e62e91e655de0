import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** The mails that count towards an address's cap. */
export function listCappedMails(
  db: Db | Tx,
  addressHash: Buffer,
  since: Date,
): Promise<{ publicationId: string; askedAt: Date }[]> {
  return db.many(sql`
    select publication_id, asked_at
      from capped_mails
     where address_hash = ${addressHash}
       and asked_at > ${since}
  `);
}

/**
 * Locks the mail cap of an address until the transaction ends. A transaction that locks a subscription too does this first:
 * locks taken in one order cannot deadlock.
 */
export async function lockAddress(tx: Tx, addressHash: Buffer): Promise<void> {
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`asked ${addressHash.toString('hex')}`}, 0))
  `);
}
