import type { Db } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { DeliveryState } from '../delivery.js';

/** One digest that was for her, by its subject, or before its words are made by its first article. */
export type LoggedDelivery = {
  id: string;
  subject: string | null;
  state: DeliveryState;
  answer: string | null;
  updatedAt: Date;
};

/**
 * What was for one reader lately, newest first: looked up in the newsletter's newest digests one by one, by the ledger's
 * own key, so that the ledger needs no index for it.
 */
export function listRecentDeliveries(
  db: Db,
  reader: { id: string; publicationId: string },
  { digests, limit }: { digests: number; limit: number },
): Promise<LoggedDelivery[]> {
  return db.many<LoggedDelivery>(sql`
    select g.id, coalesce(v.subject, g.subject, a.title) as subject, d.state, d.answer, d.updated_at
      from (select id, subject
              from digests
             where publication_id = ${reader.publicationId}
             order by id desc
             limit ${digests}) as g
     cross join lateral (
       select variant_id, state, answer, updated_at
         from deliveries
        where digest_id = g.id
          and subscription_id = ${reader.id}
        limit 1
     ) as d
      join variants v on v.id = d.variant_id
      left join articles a on a.id = v.article_ids[1]
     order by g.id desc
     limit ${limit}
  `);
}
