import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export type SuppressionReason = 'never' | 'bounced' | 'complained' | 'operator' | 'erased';

export type Suppression = {
  /** By every newsletter here. */
  everywhere: boolean;
  reason: SuppressionReason;
  createdAt: Date;
};

/** Why this publication does not mail an address, and since when: its own reason, and that of all. */
export function listSuppressionsOf(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<Suppression[]> {
  return db.many<Suppression>(sql`
    select publication_id is null as everywhere, reason, created_at
      from suppressions
     where address_hash = ${addressHash}
       and (publication_id = ${publicationId} or publication_id is null)
     order by created_at
  `);
}
