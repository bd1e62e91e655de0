import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { CappedKind } from './mail-cap.js';

/** The mails that count towards the caps of a mailbox. */
export function listCappedMails(
  db: Db | Tx,
  mailboxHash: Buffer,
  since: Date,
): Promise<{ publicationId: string; kind: CappedKind; askedAt: Date }[]> {
  return db.many(sql`
    select publication_id, kind, asked_at
      from capped_mails
     where address_hash = ${mailboxHash}
       and asked_at > ${since}
  `);
}

/**
 * Locks the mail caps of a mailbox until the transaction ends. A transaction that locks a subscription too does this first:
 * locks taken in one order cannot deadlock.
 */
export async function lockMailbox(tx: Tx, mailboxHash: Buffer): Promise<void> {
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`asked ${mailboxHash.toString('hex')}`}, 0))
  `);
}
