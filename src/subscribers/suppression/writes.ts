import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** The first reason stays, but for an erasure: who was erased may ask again, and may then never want mail. */
export function insertSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string | null,
  reason: 'never' | 'bounced' | 'complained' | 'operator' | 'erased',
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into suppressions (address_hash, publication_id, reason, created_at)
    values (${addressHash}, ${publicationId}, ${reason}, ${now})
    on conflict (address_hash, publication_id) do update
       set reason = excluded.reason,
           created_at = excluded.created_at
     where suppressions.reason = 'erased'
       and excluded.reason <> 'erased'
  `);
}

/** A new double opt-in lifts the ban on programs. */
export function deleteErasureSuppression(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<number> {
  return tx.run(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
       and reason = 'erased'
  `);
}

/** A full mailbox has room again, a complaint is taken back: never what she or an operator forbade. */
export function deleteLiftableSuppressions(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
): Promise<number> {
  return tx.run(sql`
    delete from suppressions
     where address_hash = ${addressHash}
       and ((publication_id = ${publicationId} and reason in ('bounced', 'complained'))
            or (publication_id is null and reason = 'bounced'))
  `);
}
