import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** A digest that is over and whose readers are not noted as mailed yet, the oldest first. */
export function findDigestToNote(
  db: Db | Tx,
  after: string,
): Promise<{ id: string; publicationId: string } | undefined> {
  return db.maybe(sql`
    select id, publication_id
      from digests
     where mailed_noted_at is null
       and state in ('closed', 'cancelled')
       and id > ${after}
     order by id
     limit 1
  `);
}
