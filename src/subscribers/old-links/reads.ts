import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { OldLinkName, OldProduct } from './old-link.js';

/** Subscriptions that an old link is for; several where one list has become several newsletters. */
export function findByOldLink(
  db: Db | Tx,
  { product, hash, list }: OldLinkName,
): Promise<{ subscriptionId: string }[]> {
  return db.many(sql`
    select subscription_id
      from old_links
     where product = ${product}
       and link_hash = ${hash}
       and (list is null or ${list}::text is null or list = ${list})
     order by subscription_id
  `);
}

/** For the copy of a reader's data. */
export function listOldLinks(
  db: Db | Tx,
  subscriptionId: string,
): Promise<{ product: OldProduct; list: string | null }[]> {
  return db.many(sql`
    select product, list
      from old_links
     where subscription_id = ${subscriptionId}
     order by product, list
  `);
}
