import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { OldLinkName } from './old-link.js';

export function insertOldLinks(
  tx: Tx,
  rows: readonly (OldLinkName & { subscriptionId: string })[],
): Promise<number> {
  return tx.run(sql`
    insert into old_links (product, link_hash, subscription_id, list)
    select * from unnest(${arrayLiteral(rows.map(({ product }) => product))}::text[],
                         ${byteaArrayLiteral(rows.map(({ hash }) => hash))}::bytea[],
                         ${arrayLiteral(rows.map(({ subscriptionId }) => subscriptionId))}::uuid[],
                         ${arrayLiteral(rows.map(({ list }) => list))}::text[])
    on conflict (product, link_hash, subscription_id) do nothing
  `);
}
