import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { CadenceSettings } from '../subscription.js';

/** Readers whose turn it is, locked. Who left or confirmed by herself meanwhile is none of them. */
export function lockReadersToStart(
  tx: Tx,
  importId: string,
  limit: number,
): Promise<({ id: string } & CadenceSettings)[]> {
  return tx.many(sql`
    select s.id, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone
      from imported_readers r
      join subscriptions s on s.id = r.subscription_id
     where r.import_id = ${importId}
       and r.started_at is null
       and s.status = 'added'
     order by r.subscription_id
     limit ${limit}
       for update of s
  `);
}

/** Of the readers whose mailing was started: how many were mailed, and to how many of them mail bounced. */
export function countBounces(db: Db | Tx, importId: string): Promise<{ mailed: number; bounced: number }> {
  return db.one(sql`
    select count(*) filter (where r.first_digest_id is not null)::integer as mailed,
           count(*) filter (where l.bounced_at >= r.started_at)::integer as bounced
      from imported_readers r
      join listed_readers l on l.subscription_id = r.subscription_id and l.publication_id = (select publication_id from imports where id = ${importId})
     where r.import_id = ${importId}
       and r.started_at is not null
  `);
}

/** The next who are to be asked, in the order of their hashes, locked. */
export function lockAsks(
  tx: Tx,
  importId: string,
  limit: number,
): Promise<{ addressHash: Buffer; email: string; locale: string | null; timezone: string | null }[]> {
  return tx.many(sql`
    select address_hash, email, locale, timezone
      from import_asks
     where import_id = ${importId}
     order by address_hash
     limit ${limit}
       for update skip locked
  `);
}

/** A reader who was brought, and what has become of her since. */
export type BroughtReader = {
  subscriptionId: string;
  wasPending: boolean;
  status: string;
  /** A digest was sent to her. */
  wasMailed: boolean;
  /** She, or an operator, changed something after she was brought. */
  wasTouched: boolean;
};

/** The next who may be taken back, by their ids, locked. */
export function lockBrought(
  tx: Tx,
  importId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<BroughtReader[]> {
  return tx.many(sql`
    select r.subscription_id, r.was_pending, s.status,
           exists (select from deliveries d where d.subscription_id = s.id) as was_mailed,
           s.status not in ('added', 'confirmed')
             or exists (select from consents c where c.subscription_id = s.id and c.kind <> 'imported' and c.created_at >= r.imported_at)
             or exists (select from activity a where a.subject_id = s.id and a.created_at >= r.imported_at) as was_touched
      from imported_readers r
      join subscriptions s on s.id = r.subscription_id
     where r.import_id = ${importId}
       ${after === null ? sql`` : sql`and r.subscription_id > ${after}`}
     order by r.subscription_id
     limit ${limit}
       for update of s
  `);
}

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
