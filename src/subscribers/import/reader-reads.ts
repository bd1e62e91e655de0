import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** From where a reader was brought, for the copy of her data. */
export function listBroughtData(
  db: Db | Tx,
  subscriptionId: string,
): Promise<{ product: string; joinedAt: Date | null; importedAt: Date; startedAt: Date | null }[]> {
  return db.many(sql`
    select i.product_name as product, r.joined_at, r.imported_at, r.started_at
      from imported_readers r
      join imports i on i.id = r.import_id
     where r.subscription_id = ${subscriptionId}
  `);
}

/** What files say of an address that have not been added yet, or are asked about later, for the copy of her data. */
export function listRowsOfAddress(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<{ product: string; status: string | null; joinedAt: Date | null; leftAt: Date | null }[]> {
  return db.many(sql`
    select i.product_name as product, r.status, r.joined_at, r.left_at
      from imports i
      join import_rows r on r.import_id = i.id and r.address_hash = ${addressHash}
     where i.publication_id = ${publicationId}
     union all
    select i.product_name, null, null, null
      from imports i
      join import_asks a on a.import_id = i.id and a.address_hash = ${addressHash}
     where i.publication_id = ${publicationId}
  `);
}
